#include "http/request_policy.h"

#include <algorithm>

#include "base/integer.h"

namespace mcache::http {
namespace {

constexpr CacheControl kNothingAsked;

bool asks_for_revalidation(const CacheControl& request, std::int64_t age) {
    // max-age=0 is how a reload is written: also an answer of this very second is not meant.
    return request.no_cache ||
           (request.max_age && (*request.max_age == 0 || age > *request.max_age));
}

bool within_max_stale(const CacheControl& request, std::int64_t staleness) {
    return request.max_stale_any || (request.max_stale && staleness < *request.max_stale);
}

// In floating point: lifetimes may be as long as an int64_t can say.
bool is_due(const StoredFacts& stored, const ReuseRules& rules, std::int64_t freshness_left) {
    const double lifetime =
        static_cast<double>(stored.fresh_until) - static_cast<double>(stored.generated);
    return rules.early_permille != 0 && static_cast<double>(freshness_left) * 1000 <=
                                            lifetime * static_cast<double>(rules.early_permille);
}

}  // namespace

std::int64_t current_age(const StoredFacts& stored, std::int64_t now) {
    return std::max<std::int64_t>(0, saturating_sub(now, stored.generated));
}

ReuseVerdict may_reuse(const StoredFacts& stored, const CacheControl& request,
                       const ReuseRules& rules, std::int64_t now) {
    const CacheControl& asked = rules.honor_request ? request : kNothingAsked;

    const auto ask_origin = [&](Reason reason) {
        const Reuse reuse = stored.has_validator ? Reuse::MustRevalidate : Reuse::Unusable;
        return ReuseVerdict{reuse, reason, asked.only_if_cached};
    };

    if (asks_for_revalidation(asked, current_age(stored, now))) {
        return ask_origin(Reason::RequestHeader);
    }
    const std::int64_t freshness_left = saturating_sub(stored.fresh_until, now);
    if (asked.min_fresh && freshness_left < *asked.min_fresh) {
        return ask_origin(Reason::RequestHeader);
    }
    if (stored.softly_purged) {
        return stored.must_revalidate
                   ? ask_origin(Reason::Purged)
                   : ReuseVerdict{Reuse::StaleWhileRevalidate, Reason::Purged, false};
    }
    // What ends its freshness as it is generated is never fresh, however this clock lags behind
    // the one of the node that stored it.
    if (freshness_left > 0 && stored.fresh_until > stored.generated) {
        return {Reuse::Fresh, Reason::None, false, is_due(stored, rules, freshness_left)};
    }

    const std::int64_t staleness =
        std::max<std::int64_t>(0, saturating_sub(now, stored.fresh_until));
    const auto allowed = [&](std::int64_t configured) {
        return stored.must_revalidate ? 0 : configured;
    };

    if (staleness < std::max(stored.stale_while_revalidate, allowed(rules.stale_while_updating))) {
        return {Reuse::StaleWhileRevalidate, Reason::Stale, false};
    }
    if (!stored.must_revalidate && within_max_stale(asked, staleness)) {
        return {Reuse::Stale, Reason::Stale, false};
    }
    const std::int64_t on_error = std::max(rules.stale_on_error, asked.stale_if_error.value_or(0));
    if (staleness < std::max(stored.stale_if_error, allowed(on_error))) {
        return {Reuse::StaleIfErrorOnly, Reason::Expired, asked.only_if_cached};
    }
    return ask_origin(Reason::Expired);
}

}  // namespace mcache::http
