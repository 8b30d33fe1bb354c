#pragma once

// The facts that decide() is given, out of a request's Context.

#include <cstdint>
#include <optional>

#include "lookup/decide.h"
#include "request/context.h"

namespace mcache::request {

class RequestOf final : public RequestFacts {
  public:
    explicit RequestOf(const Context& context) : context_(context) {}

    const http::CacheControl& cache_control() const override;
    bool is_subrequest() const override;
    bool range_is_too_far() const override;
    bool is_for_itself() const override;
    bool is_asked_by_filler() const override;
    bool can_refresh_in_background() const override;
    bool is_known_too_large() const override;
    bool is_unshared() const override;
    std::int64_t stub_known_for() const override;

  private:
    const Context& context_;
    mutable std::optional<bool> unstorable_;  // mcache_no_store is evaluated once
};

LookupRules lookup_rules(const LocationConf& conf);

// Of what the context holds since its last look.
LookupFacts lookup_facts(const Context& context);

// Why a server, or its answer, could not be had.
http::Reason why_unavailable(net::Outcome outcome);

// A fill found out that the page is too large to be stored: it is asked for as the client asks.
bool is_known_too_large(const Context& context);

}  // namespace mcache::request
