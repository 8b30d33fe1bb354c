#include "http/storable.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/integer.h"
#include "base/text.h"
#include "http/caching_fields.h"

namespace mcache::http {
namespace {

// A Date this far ahead is no clock's skew but nonsense.
constexpr std::int64_t kMaxClockSkew = 86400;

// Final status codes whose caching this cache implements (RFC 9111, section 3): those of RFC 9110
// but 206 and 304.
constexpr std::array kUnderstood = {200U, 201U, 202U, 203U, 204U, 205U, 300U, 301U, 302U, 303U,
                                    305U, 307U, 308U, 400U, 401U, 402U, 403U, 404U, 405U, 406U,
                                    407U, 408U, 409U, 410U, 411U, 412U, 413U, 414U, 415U, 416U,
                                    417U, 421U, 422U, 426U, 500U, 501U, 502U, 503U, 504U, 505U};

// RFC 9110, section 15.1, without 206.
constexpr std::array kHeuristicallyCacheable = {200U, 203U, 204U, 300U, 301U, 308U,
                                                404U, 405U, 410U, 414U, 501U};

using Accel = AccelExpires::Says;

bool contains(std::span<const unsigned> sorted, unsigned status) {
    return std::binary_search(sorted.begin(), sorted.end(), status);
}

// Everything about one response that the ladder below asks for.
struct Facts {
    explicit Facts(const CachingFields& collected) : fields(collected) {}

    const CachingFields& fields;
    CacheControl directives;     // of the field that governs
    bool expires_counts = true;  // Expires is neither ignored nor overridden by a targeted field
    AccelExpires accel;
    bool has_validator = false;
    std::int64_t date = 0;
    std::int64_t generated = 0;
};

// RFC 9111, section 4.2.3.
std::int64_t initial_age(const Facts& facts, const ResponseFacts& response) {
    const std::int64_t apparent = saturating_sub(response.response_time, facts.date);
    const std::int64_t delay = saturating_sub(response.response_time, response.request_time);
    const std::int64_t corrected =
        saturating_add(facts.fields.age, std::max<std::int64_t>(delay, 0));
    return std::clamp<std::int64_t>(std::max(apparent, corrected), 0, kMaxDeltaSeconds);
}

Facts weigh(const CachingFields& fields, const ResponseFacts& response, const StoreRules& rules) {
    Facts facts(fields);
    facts.expires_counts = !rules.ignore.expires;
    if (!rules.ignore.cache_control) {
        facts.directives = fields.cache_control;
    }
    CacheControl broken;  // what stands in targeted fields that are to be ignored
    for (const std::string_view name : rules.targeted) {
        if (const auto targeted = parse_targeted_cache_control(response.fields, name)) {
            facts.directives = *targeted;
            facts.expires_counts = false;
            break;
        }
        for (const HeaderField& field : response.fields) {
            if (iequals(field.name, name)) {
                merge_cache_control(field.value, broken);
            }
        }
    }
    facts.directives.must_understand &= !broken.no_store;
    facts.directives.no_store |= broken.no_store;
    facts.directives.is_private |= broken.is_private;
    facts.directives.no_cache |= broken.no_cache;
    if (!rules.ignore.x_accel_expires) {
        facts.accel = fields.accel_expires;
    }

    facts.has_validator = fields.has_etag || fields.last_modified.has_value();
    facts.date = fields.date.value_or(response.response_time);
    if (saturating_sub(facts.date, response.response_time) > kMaxClockSkew) {
        facts.date = response.response_time;
    }
    facts.generated = saturating_sub(response.response_time, initial_age(facts, response));
    return facts;
}

Reason refused_by_status(const ResponseFacts& response) {
    if (response.status == 206) {
        return Reason::PartialContent;
    }
    const bool final = response.status >= 200 && response.status <= 599;
    return final && response.status != 304 ? Reason::None : Reason::Status;
}

// What the governing directives forbid; X-Accel-Expires lifts it.
Reason refused_by_directives(const Facts& facts, const ResponseFacts& response,
                             const StoreRules& rules) {
    const CacheControl& directives = facts.directives;
    if (directives.must_understand && !contains(kUnderstood, response.status)) {
        return Reason::Status;
    }
    if (directives.is_private) {
        return Reason::Private;
    }
    if (directives.no_store && !directives.must_understand) {
        return Reason::CacheControlNoStore;
    }
    if (directives.no_cache &&
        !(rules.store_no_cache && facts.has_validator && rules.keep_stale > 0)) {
        return Reason::CacheControlNoCache;
    }
    return Reason::None;
}

Reason refused(const RequestFacts& request, const ResponseFacts& response, const StoreRules& rules,
               const Facts& facts) {
    if (request.is_head) {
        return Reason::Method;
    }
    if (request.no_store) {
        return Reason::RequestHeader;
    }
    if (const Reason reason = refused_by_status(response); reason != Reason::None) {
        return reason;
    }
    if (!facts.fields.length_is_valid) {
        return Reason::HeaderInvalid;
    }
    if (facts.accel.says == Accel::Never) {
        return Reason::AccelExpires;
    }
    if (facts.fields.has_set_cookie && !rules.ignore.set_cookie) {
        return Reason::SetCookie;
    }
    if (facts.accel.says == Accel::Nothing) {
        const Reason reason = refused_by_directives(facts, response, rules);
        if (reason != Reason::None) {
            return reason;
        }
    }
    if (request.has_authorization && !facts.directives.permits_authorized()) {
        return Reason::Authorization;
    }
    if (!rules.ignore.vary) {
        switch (facts.fields.vary.state()) {
            case VaryState::Ok:
                break;
            case VaryState::Star:
                return Reason::VaryStar;
            case VaryState::TooLong:
                return Reason::VaryTooLong;
            case VaryState::Invalid:
                return Reason::VaryInvalid;
        }
    }
    return Reason::None;
}

// Expires minus Date (RFC 9111, section 4.2.1).
std::int64_t expires_lifetime(const Facts& facts) {
    if (!facts.fields.expires) {
        return 0;
    }
    // A Date that was set aside as nonsense counts all the same when Expires bears it out: the
    // origin's clock is wrong, and its Expires with it.
    const std::int64_t sent = facts.fields.date.value_or(facts.date);
    const std::int64_t expires = *facts.fields.expires;
    return saturating_sub(expires, expires > sent ? sent : facts.date);
}

// RFC 9111, section 4.2.2: a part of the time since the last modification.
std::optional<std::int64_t> heuristic_lifetime(const Facts& facts, unsigned status,
                                               const StoreRules& rules) {
    if (rules.heuristic_permille == 0 || !facts.fields.last_modified ||
        !(contains(kHeuristicallyCacheable, status) || facts.directives.is_public)) {
        return std::nullopt;
    }
    const std::int64_t unchanged = std::clamp<std::int64_t>(
        saturating_sub(facts.date, *facts.fields.last_modified), 0, std::int64_t{1} << 40);
    const std::int64_t permille = std::min(rules.heuristic_permille, 1000U);
    return std::min(unchanged * permille / 1000, rules.heuristic_cap);
}

// What the response itself says; empty when it says nothing.
std::optional<std::int64_t> explicit_lifetime(const Facts& facts) {
    if (facts.directives.s_maxage) {
        return facts.directives.s_maxage;
    }
    if (facts.directives.max_age) {
        return facts.directives.max_age;
    }
    if (facts.expires_counts && facts.fields.has_expires) {
        return expires_lifetime(facts);
    }
    return std::nullopt;
}

// The first rule that matches, as ngx_http_file_cache_valid() does it. 0: none or not to be stored.
std::int64_t valid_seconds(std::span<const ValidRule> valid, unsigned status) {
    for (const ValidRule& rule : valid) {
        if (rule.status == 0 || rule.status == status) {
            return std::min(rule.seconds, kMaxDeltaSeconds);
        }
    }
    return 0;
}

struct Freshness {
    Reason reason = Reason::None;
    std::int64_t until = 0;
};

Freshness judge_freshness(const Facts& facts, const ResponseFacts& response,
                          const StoreRules& rules) {
    const auto for_lifetime = [&](std::int64_t lifetime) {
        lifetime = std::clamp(lifetime, -kMaxDeltaSeconds, kMaxDeltaSeconds);
        return Freshness{Reason::None, saturating_add(facts.generated, lifetime)};
    };

    if (facts.accel.says == Accel::Until) {
        return {Reason::None, facts.accel.until};
    }
    if (facts.directives.no_cache) {
        return {Reason::None, facts.generated};
    }
    if (const auto lifetime = explicit_lifetime(facts)) {
        return for_lifetime(*lifetime);
    }
    if (const std::int64_t seconds = valid_seconds(rules.valid, response.status); seconds > 0) {
        return {Reason::None, saturating_add(response.response_time, seconds)};
    }
    if (const auto lifetime = heuristic_lifetime(facts, response.status, rules)) {
        return for_lifetime(*lifetime);
    }
    return {rules.valid.empty() ? Reason::NoFreshness : Reason::Status, 0};
}

// RFC 9111, section 4.2.4, and RFC 5861. nginx lets stale-while-revalidate cover errors, too.
void grant_windows(const Facts& facts, const StoreRules& rules, Verdict& verdict) {
    const CacheControl& directives = facts.directives;
    const bool overruled = facts.accel.says == Accel::Until;
    const bool forbidden = !overruled && (directives.must_revalidate ||
                                          directives.proxy_revalidate || directives.no_cache);
    const bool shared_age = !overruled && directives.s_maxage.has_value();

    verdict.must_revalidate = forbidden || shared_age;
    if (forbidden || (shared_age && !rules.windows_beside_s_maxage)) {
        return;
    }
    verdict.stale_while_revalidate = directives.stale_while_revalidate.value_or(0);
    verdict.stale_if_error = directives.stale_if_error.value_or(verdict.stale_while_revalidate);
}

Verdict refuse(Reason reason) {
    Verdict verdict;
    verdict.reason = reason;
    return verdict;
}

}  // namespace

Verdict judge_response(const RequestFacts& request, const ResponseFacts& response,
                       const StoreRules& rules) {
    const CachingFields fields = collect_caching_fields(response.fields, response.request_time);
    const Facts facts = weigh(fields, response, rules);
    if (const Reason reason = refused(request, response, rules, facts); reason != Reason::None) {
        return refuse(reason);
    }
    const Freshness freshness = judge_freshness(facts, response, rules);
    if (freshness.reason != Reason::None) {
        return refuse(freshness.reason);
    }

    Verdict verdict;
    verdict.generated = facts.generated;
    verdict.fresh_until = freshness.until;
    verdict.has_validator = facts.has_validator;
    grant_windows(facts, rules, verdict);

    const std::int64_t now = response.response_time;
    const std::int64_t window_end = saturating_add(
        verdict.fresh_until, std::max(verdict.stale_while_revalidate, verdict.stale_if_error));
    const bool worth_revalidating =
        verdict.has_validator && rules.keep_stale > 0 &&
        (rules.store_stale || (facts.directives.no_cache && rules.store_no_cache));
    if (window_end <= now && !worth_revalidating) {
        return refuse(Reason::AlreadyStale);
    }

    // Past freshness an entry is of use for revalidation, or for stale use by configuration.
    const bool useful_stale = verdict.has_validator || !verdict.must_revalidate;
    const std::int64_t keep = useful_stale ? rules.keep_stale : 0;
    verdict.keep_until =
        std::max(window_end, saturating_add(std::max(verdict.fresh_until, now), keep));
    return verdict;
}

}  // namespace mcache::http
