#include "lookup/facts.h"

#include <algorithm>
#include <string_view>

#include "base/integer.h"
#include "base/text.h"
#include "fill/fill.h"
#include "fill/hit_for_miss.h"
#include "lookup/refresh.h"
#include "request/await.h"

namespace mcache::request {

using http::Reason;

namespace {

http::StoredFacts stored_facts(const Context& context) {
    const format::EntryView& page = *context.found.page;
    http::StoredFacts facts;
    facts.generated = page.generated;
    facts.fresh_until = page.fresh_until;
    facts.stale_while_revalidate = page.stale_while_revalidate;
    facts.stale_if_error = page.stale_if_error;
    facts.must_revalidate = (page.attributes & format::kMustRevalidate) != 0;
    facts.has_validator = page.has_validator();
    facts.softly_purged = context.found.softly_purged;
    return facts;
}

http::ReuseRules reuse_rules(const LocationConf& conf) {
    http::ReuseRules rules;
    rules.honor_request = conf.honor_request_cache_control;
    if ((conf.use_stale & kUseStaleUpdating) != 0) {
        rules.stale_while_updating = conf.keep_stale;
    }
    if ((conf.use_stale & kUseStaleOnErrors) != 0) {
        rules.stale_on_error = conf.keep_stale;
    }
    rules.early_permille = conf.store ? static_cast<std::int64_t>(conf.early_permille) : 0;
    return rules;
}

}  // namespace

const http::CacheControl& RequestOf::cache_control() const {
    return context_.request_cache_control;
}

bool RequestOf::is_subrequest() const {
    return context_.request() != context_.request()->main;
}

bool RequestOf::range_is_too_far() const {
    const ngx_http_request_t* r = context_.request();
    const off_t limit = context_.conf().max_range_offset;
    constexpr std::string_view kUnit = "bytes=";
    if (limit == NGX_MAX_OFF_T_VALUE || r->headers_in.range == nullptr) {
        return false;
    }
    std::string_view range = ngx::view(r->headers_in.range->value);
    if (!iequals(range.substr(0, kUnit.size()), kUnit)) {
        return false;
    }
    range = trim_ows(range.substr(kUnit.size()));
    const auto first = parse_decimal<std::uint64_t>(range.substr(0, range.find('-')));
    return !first || *first >= static_cast<std::uint64_t>(limit);  // a suffix is as far as it gets
}

bool RequestOf::is_for_itself() const {
    if (!unstorable_) {
        unstorable_ = asks_not_to_be_stored(context_);
    }
    return *unstorable_ || is_refused_for_authorization(context_);
}

bool RequestOf::is_asked_by_filler() const {
    return request::is_asked_by_filler(context_);
}

bool RequestOf::can_refresh_in_background() const {
    return request::can_refresh_in_background(context_);
}

bool RequestOf::is_known_too_large() const {
    return request::is_known_too_large(context_);
}

bool RequestOf::is_unshared() const {
    return request::is_unshared(context_);
}

std::int64_t RequestOf::stub_known_for() const {
    const std::uint64_t stub = context_.found.result.cas;
    WaitingRooms& rooms = context_.conf().pool->waiting_rooms();
    return stub == 0 ? 0
                     : static_cast<std::int64_t>(rooms.age_of_stub(context_.key_of_page(), stub));
}

LookupRules lookup_rules(const LocationConf& conf) {
    LookupRules rules;
    rules.reuse = reuse_rules(conf);
    rules.store = conf.store;
    rules.revalidate = conf.revalidate;
    rules.background_update = conf.background_update;
    rules.counts_uses = conf.min_uses > 1;
    rules.lock = conf.lock;
    rules.lock_timeout = static_cast<std::int64_t>(conf.lock_timeout);
    rules.lock_age = static_cast<std::int64_t>(conf.lock_age);
    return rules;
}

LookupFacts lookup_facts(const Context& context) {
    LookupFacts facts;
    facts.found = context.found.kind;
    facts.unreachable = context.found.unreachable;
    facts.why = facts.found == Found::Unavailable ? why_unavailable(context.found.result.outcome)
                                                  : context.found.why;
    if (facts.found == Found::Page) {
        facts.page = stored_facts(context);
        facts.picked_by_encoding =
            (context.found.page->attributes & format::kPickedByEncoding) != 0;
    } else if (facts.found == Found::Stub) {
        facts.stub_age =
            1000 * std::max<std::int64_t>(stub_seconds(context.conf()) - context.found.stub_ttl, 0);
    }
    return facts;
}

Reason why_unavailable(net::Outcome outcome) {
    switch (outcome) {
        case net::Outcome::Timeout:
            return Reason::Timeout;
        case net::Outcome::Garbage:
            return Reason::Garbage;
        case net::Outcome::Refused:
            return Reason::Refused;
        case net::Outcome::Busy:
            return Reason::Busy;
        default:
            return Reason::Down;
    }
}

bool is_known_too_large(const Context& context) {
    return context.conf().pool->too_large_pages().contains(context.key.view(), ngx_time());
}

}  // namespace mcache::request
