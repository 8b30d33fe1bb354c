#include "http/request_policy.h"

#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::http::CacheControl;
using mcache::http::current_age;
using mcache::http::HeaderField;
using mcache::http::may_reuse;
using mcache::http::parse_request_cache_control;
using mcache::http::Reason;
using mcache::http::Reuse;
using mcache::http::ReuseRules;
using mcache::http::ReuseVerdict;
using mcache::http::StoredFacts;

namespace {

constexpr std::int64_t kBorn = 1000000;
constexpr std::int64_t kFreshFor = 100;

StoredFacts entry() {
    StoredFacts stored;
    stored.generated = kBorn;
    stored.fresh_until = kBorn + kFreshFor;
    stored.has_validator = true;
    return stored;
}

CacheControl asking(std::string_view directives) {
    const HeaderField fields[] = {{"Cache-Control", directives}};
    return parse_request_cache_control(fields);
}

ReuseRules honoring() {
    ReuseRules rules;
    rules.honor_request = true;
    return rules;
}

}  // namespace

TEST_CASE("RFC 9111 4.2: fresh while younger than its lifetime") {
    struct Case {
        std::int64_t age;
        Reuse reuse;
        Reason reason;
    };
    const Case cases[] = {
        {-50, Reuse::Fresh, Reason::None},
        {0, Reuse::Fresh, Reason::None},
        {99, Reuse::Fresh, Reason::None},
        {100, Reuse::MustRevalidate, Reason::Expired},
        {101, Reuse::MustRevalidate, Reason::Expired},
    };
    for (const Case& c : cases) {
        CAPTURE(c.age);
        const ReuseVerdict verdict = may_reuse(entry(), {}, {}, kBorn + c.age);
        CHECK(verdict.reuse == c.reuse);
        CHECK(verdict.reason == c.reason);
        CHECK_FALSE(verdict.gateway_timeout);
    }
}

TEST_CASE("RFC 9111 4.3: without a validator there is nothing to revalidate") {
    StoredFacts stored = entry();
    stored.has_validator = false;
    CHECK(may_reuse(stored, {}, {}, kBorn + 100).reuse == Reuse::Unusable);
    CHECK(may_reuse(stored, asking("no-cache"), honoring(), kBorn).reuse == Reuse::Unusable);
}

TEST_CASE("RFC 9111 5.1: the age of a hit") {
    StoredFacts stored = entry();
    CHECK(current_age(stored, kBorn + 7) == 7);
    CHECK(current_age(stored, kBorn - 7) == 0);
    stored.generated = INT64_MIN;
    CHECK(current_age(stored, INT64_MAX) == INT64_MAX);
}

TEST_CASE("an entry stored as never fresh is not fresh on a node whose clock is behind") {
    StoredFacts stored = entry();
    stored.fresh_until = stored.generated;
    stored.must_revalidate = true;
    for (const std::int64_t now : {kBorn - 3600, kBorn - 1, kBorn, kBorn + 1}) {
        CAPTURE(now);
        CHECK(may_reuse(stored, {}, {}, now).reuse == Reuse::MustRevalidate);
    }
}

TEST_CASE("RFC 5861: the windows that the response grants") {
    struct Case {
        std::int64_t while_revalidate;
        std::int64_t if_error;
        std::int64_t staleness;
        Reuse reuse;
        Reason reason;
    };
    const Case cases[] = {
        {0, 0, 0, Reuse::MustRevalidate, Reason::Expired},
        {10, 0, 0, Reuse::StaleWhileRevalidate, Reason::Stale},
        {10, 0, 9, Reuse::StaleWhileRevalidate, Reason::Stale},
        {10, 0, 10, Reuse::MustRevalidate, Reason::Expired},
        {0, 10, 0, Reuse::StaleIfErrorOnly, Reason::Expired},
        {0, 10, 9, Reuse::StaleIfErrorOnly, Reason::Expired},
        {0, 10, 10, Reuse::MustRevalidate, Reason::Expired},
        {10, 20, 9, Reuse::StaleWhileRevalidate, Reason::Stale},
        {10, 20, 10, Reuse::StaleIfErrorOnly, Reason::Expired},
        {10, 20, 20, Reuse::MustRevalidate, Reason::Expired},
    };
    for (const Case& c : cases) {
        CAPTURE(c.while_revalidate, c.if_error, c.staleness);
        StoredFacts stored = entry();
        stored.stale_while_revalidate = c.while_revalidate;
        stored.stale_if_error = c.if_error;
        const ReuseVerdict verdict = may_reuse(stored, {}, {}, stored.fresh_until + c.staleness);
        CHECK(verdict.reuse == c.reuse);
        CHECK(verdict.reason == c.reason);
    }
}

TEST_CASE("RFC 9111 4.2.4: stale use by configuration, which must-revalidate overrides") {
    struct Case {
        bool must_revalidate;
        std::int64_t while_updating;
        std::int64_t on_error;
        Reuse reuse;
    };
    const Case cases[] = {
        {false, 10, 0, Reuse::StaleWhileRevalidate}, {false, 0, 10, Reuse::StaleIfErrorOnly},
        {false, 5, 10, Reuse::StaleIfErrorOnly},     {false, 5, 5, Reuse::MustRevalidate},
        {true, 10, 10, Reuse::MustRevalidate},
    };
    for (const Case& c : cases) {
        CAPTURE(c.must_revalidate, c.while_updating, c.on_error);
        StoredFacts stored = entry();
        stored.must_revalidate = c.must_revalidate;
        ReuseRules rules;
        rules.stale_while_updating = c.while_updating;
        rules.stale_on_error = c.on_error;
        CHECK(may_reuse(stored, {}, rules, stored.fresh_until + 5).reuse == c.reuse);
    }
}

TEST_CASE("RFC 9111 5.2.1: the request's directives, where they are honoured") {
    struct Case {
        std::string_view directives;
        std::int64_t age;
        Reuse reuse;
        Reason reason;
    };
    const Case cases[] = {
        {"", 50, Reuse::Fresh, Reason::None},
        {"no-cache", 0, Reuse::MustRevalidate, Reason::RequestHeader},
        {"no-cache=\"a\"", 0, Reuse::MustRevalidate, Reason::RequestHeader},
        {"max-age=0", 0, Reuse::MustRevalidate, Reason::RequestHeader},
        {"max-age=50", 50, Reuse::Fresh, Reason::None},
        {"max-age=50", 51, Reuse::MustRevalidate, Reason::RequestHeader},
        {"max-age=1000", 100, Reuse::MustRevalidate, Reason::Expired},
        {"min-fresh=50", 50, Reuse::Fresh, Reason::None},
        {"min-fresh=50", 51, Reuse::MustRevalidate, Reason::RequestHeader},
        {"min-fresh=1000", 0, Reuse::MustRevalidate, Reason::RequestHeader},
        {"max-stale", 100, Reuse::Stale, Reason::Stale},
        {"max-stale", 100000, Reuse::Stale, Reason::Stale},
        {"max-stale=10", 109, Reuse::Stale, Reason::Stale},
        {"max-stale=10", 110, Reuse::MustRevalidate, Reason::Expired},
        {"max-stale=0", 100, Reuse::MustRevalidate, Reason::Expired},
        {"max-stale=x", 100, Reuse::MustRevalidate, Reason::Expired},
        {"max-stale=10, max-age=105", 104, Reuse::Stale, Reason::Stale},
        {"max-stale=10, max-age=50", 104, Reuse::MustRevalidate, Reason::RequestHeader},
        {"max-stale, min-fresh=1", 104, Reuse::MustRevalidate, Reason::RequestHeader},
        {"stale-if-error=10", 109, Reuse::StaleIfErrorOnly, Reason::Expired},
        {"stale-if-error=10", 110, Reuse::MustRevalidate, Reason::Expired},
        {"no-store", 0, Reuse::Fresh, Reason::None},
        {"only-if-cached", 0, Reuse::Fresh, Reason::None},
        {"s-maxage=0, private, must-revalidate", 0, Reuse::Fresh, Reason::None},
    };
    for (const Case& c : cases) {
        CAPTURE(c.directives, c.age);
        const CacheControl request = asking(c.directives);
        const ReuseVerdict honored = may_reuse(entry(), request, honoring(), kBorn + c.age);
        CHECK(honored.reuse == c.reuse);
        CHECK(honored.reason == c.reason);

        const ReuseVerdict deaf = may_reuse(entry(), request, {}, kBorn + c.age);
        CHECK(deaf.reuse == (c.age < kFreshFor ? Reuse::Fresh : Reuse::MustRevalidate));
        CHECK_FALSE(deaf.gateway_timeout);
    }
}

TEST_CASE("RFC 9111 5.2.2.2: must-revalidate overrides what the request would take stale") {
    StoredFacts stored = entry();
    stored.must_revalidate = true;
    for (const std::string_view directives : {"max-stale", "max-stale=100", "stale-if-error=100"}) {
        CAPTURE(directives);
        CHECK(may_reuse(stored, asking(directives), honoring(), stored.fresh_until + 1).reuse ==
              Reuse::MustRevalidate);
    }
}

TEST_CASE("RFC 9111 5.2.1.7: only-if-cached is answered 504 where the origin had to be asked") {
    struct Case {
        std::string_view directives;
        std::int64_t age;
        std::int64_t while_revalidate;
        std::int64_t if_error;
        bool timeout;
    };
    const Case cases[] = {
        {"only-if-cached", 50, 0, 0, false},
        {"only-if-cached", 100, 0, 0, true},
        {"only-if-cached, max-stale", 100, 0, 0, false},
        {"only-if-cached", 100, 10, 0, false},
        {"only-if-cached", 100, 0, 10, true},
        {"only-if-cached, max-age=10", 50, 0, 0, true},
    };
    for (const Case& c : cases) {
        CAPTURE(c.directives, c.age);
        StoredFacts stored = entry();
        stored.stale_while_revalidate = c.while_revalidate;
        stored.stale_if_error = c.if_error;
        CHECK(may_reuse(stored, asking(c.directives), honoring(), kBorn + c.age).gateway_timeout ==
              c.timeout);
    }
}

TEST_CASE("times at the ends of their range do not overflow") {
    for (const std::int64_t until : {INT64_MIN, INT64_MAX}) {
        for (const std::int64_t now : {INT64_MIN, INT64_MAX}) {
            CAPTURE(until, now);
            StoredFacts stored = entry();
            stored.fresh_until = until;
            stored.stale_if_error = INT64_MAX;
            stored.stale_while_revalidate = INT64_MIN;
            const Reuse reuse =
                may_reuse(stored, asking("max-stale=5, min-fresh=0"), honoring(), now).reuse;
            CHECK((reuse == Reuse::Fresh) == (until > now));
        }
    }
}

TEST_CASE(
    "what was softly purged is stale while it is refreshed, unless the response forbids that") {
    StoredFacts stored = entry();
    stored.softly_purged = true;
    ReuseVerdict verdict = may_reuse(stored, CacheControl{}, ReuseRules{}, kBorn);
    CHECK(verdict.reuse == Reuse::StaleWhileRevalidate);
    CHECK(verdict.reason == Reason::Purged);
    stored.must_revalidate = true;
    verdict = may_reuse(stored, CacheControl{}, ReuseRules{}, kBorn);
    CHECK(verdict.reuse == Reuse::MustRevalidate);
    CHECK(verdict.reason == Reason::Purged);
}

TEST_CASE("an entry is due early in the last part of its lifetime") {
    ReuseRules rules;
    const auto due = [&](std::int64_t age) {
        return may_reuse(entry(), CacheControl{}, rules, kBorn + age).refresh_early;
    };
    CHECK_FALSE(due(kFreshFor - 1));
    rules.early_permille = 100;
    CHECK_FALSE(due(89));
    CHECK(due(90));
    CHECK(due(99));
    CHECK_FALSE(due(100));
    rules.early_permille = 1000;
    CHECK(due(0));
}
