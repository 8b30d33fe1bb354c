#pragma once

// May a stored entry answer this request now? RFC 9111, sections 4.2.4 and 5.2.1; RFC 5861.

#include <cstdint>

#include "http/cache_control.h"
#include "http/reason.h"

namespace mcache::http {

// What the entry says of itself; the fields of Verdict at the time of storing.
struct StoredFacts {
    std::int64_t generated = 0;
    std::int64_t fresh_until = 0;
    std::int64_t stale_while_revalidate = 0;
    std::int64_t stale_if_error = 0;
    bool must_revalidate = false;
    bool has_validator = false;
    bool softly_purged = false;  // the operator says it is stale, and may be served as such
};

struct ReuseRules {
    // mcache_honor_request_cache_control; off: the request's directives are not looked at.
    bool honor_request = false;

    // Seconds past freshness for which configuration allows stale use (mcache_use_stale within
    // mcache_keep_stale): while somebody refreshes the entry, and when the origin fails. 0: none.
    // must_revalidate overrides both.
    std::int64_t stale_while_updating = 0;
    std::int64_t stale_on_error = 0;

    // mcache_early_refresh: the last part of a lifetime, in thousandths, in which the entry is
    // fresh and a new one is to be fetched already. 0: none.
    std::int64_t early_permille = 0;
};

enum class Reuse : std::uint8_t {
    Fresh,                 // answer from the entry
    Stale,                 // answer from the entry, stale, as the request's max-stale allows
    StaleWhileRevalidate,  // answer from the entry at once, refresh it in the background
    StaleIfErrorOnly,      // ask the origin; the entry may answer if that fails
    MustRevalidate,        // ask the origin, conditionally; a 304 makes the entry usable
    Unusable,              // as a miss: the entry has no validator to ask with
};

struct ReuseVerdict {
    Reuse reuse = Reuse::Unusable;
    Reason reason = Reason::Expired;  // None for Fresh, Stale where served stale

    // The request said only-if-cached and the origin would have to be asked: answer 504
    // (RFC 9111, section 5.2.1.7). For a plain miss look at CacheControl::only_if_cached.
    bool gateway_timeout = false;

    bool refresh_early = false;  // Fresh, and ReuseRules::early_permille says it is time
};

// Seconds since the response was generated, never negative: the Age field of a hit.
std::int64_t current_age(const StoredFacts& stored, std::int64_t now);

ReuseVerdict may_reuse(const StoredFacts& stored, const CacheControl& request,
                       const ReuseRules& rules, std::int64_t now);

}  // namespace mcache::http
