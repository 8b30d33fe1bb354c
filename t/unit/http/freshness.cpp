// So that a failed comparison shows what was there.
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"
#include "unit/http/response_case.h"

using namespace mcache::http;

namespace {

constexpr std::int64_t kForever = 2147483648;

// How long after its arrival a response stays fresh; empty for one that is not stored.
std::optional<std::int64_t> fresh_for(const Fields& fields, const StoreRules& rules = {},
                                      unsigned status = 200) {
    const Verdict verdict = judge(fields, rules, status);
    return verdict.storable() ? std::optional(verdict.fresh_until - kArrival) : std::nullopt;
}

struct Case {
    Fields fields;
    std::optional<std::int64_t> fresh_for;
};

void check(const std::vector<Case>& cases, const StoreRules& rules = {}) {
    for (const Case& c : cases) {
        std::string shown;
        for (const HeaderField& field : c.fields) {
            shown.append(field.name).append(": ").append(field.value).append("\n");
        }
        CAPTURE(shown);
        CHECK(fresh_for(c.fields, rules) == c.fresh_for);
    }
}

constexpr auto kNot = std::nullopt;

const std::string kNow = date_at(0);
const std::string kIn10 = date_at(10);
const std::string kIn20 = date_at(20);
const std::string kIn60 = date_at(60);
const std::string kAgo10 = date_at(-10);
const std::string kAgo60 = date_at(-60);
const std::string kTomorrow = date_at(86401);

}  // namespace

TEST_CASE("RFC 9111 4.2.1: s-maxage before max-age before Expires") {
    check({
        {{{"Cache-Control", "max-age=60"}}, 60},
        {{{"Cache-Control", "s-maxage=10, max-age=60"}}, 10},
        {{{"Cache-Control", "max-age=10, s-maxage=60"}}, 60},
        {{{"Cache-Control", "s-maxage=0, max-age=60"}}, kNot},
        {{{"Cache-Control", "max-age=60"}, {"Expires", kIn10}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Expires", "0"}}, 60},
        {{{"Cache-Control", "max-age=0"}, {"Expires", kIn10}}, kNot},
        {{{"Cache-Control", "max-age=x"}, {"Expires", kIn10}}, kNot},
        {{{"Cache-Control", "public"}, {"Expires", kIn10}}, 10},
        {{{"Cache-Control", "max-age=60"}, {"Cache-Control", "s-maxage=5"}}, 5},
        {{{"Cache-Control", "max-age=99999999999999999999"}}, kForever},
        {{{"Cache-Control", "a=\"max-age=5\", max-age=60"}}, 60},
    });
}

TEST_CASE("RFC 9111 5.3: Expires minus Date") {
    const std::string padded = " " + kIn60 + "\t";
    check({
        {{{"Expires", kIn60}}, 60},
        {{{"Expires", kIn60}, {"Date", kNow}}, 60},
        {{{"Expires", kIn60}, {"Date", kAgo10}}, 60},
        {{{"Expires", kIn60}, {"Date", kIn10}}, 50},
        {{{"Expires", kIn10}, {"Date", kIn60}}, kNot},
        {{{"Expires", kIn60}, {"Date", "yesterday"}}, 60},
        {{{"Expires", kNow}}, kNot},
        {{{"Expires", kAgo10}}, kNot},
        {{{"Expires", kAgo10}, {"Date", kAgo60}}, kNot},
        {{{"Expires", "Fri, 31 Dec 9999 23:59:59 GMT"}}, kForever},
        {{{"Expires", "Monday, 01-Jan-24 00:01:00 GMT"}}, 60},
        {{{"Expires", "Mon Jan  1 00:01:00 2024"}}, 60},
        {{{"Expires", padded}}, 60},
    });
}

TEST_CASE("RFC 9111 5.3: an Expires that is no date is in the past") {
    for (const std::string_view text :
         {"", "0", "-1", "never", "2024-01-01T00:01:00Z", "Mon, 01 Jan 2024 00:01:00",
          "Mon, 01 Jan 2024 00:01:00 EST", "Mon, 1 Jan 2024 00:01:00 GMT"}) {
        CAPTURE(text);
        CHECK(judge({{"Expires", text}}).reason == Reason::AlreadyStale);
    }
    const std::string list = kIn60 + ", " + kIn60;
    check({
        {{{"Expires", list}}, kNot},
        {{{"Expires", kIn60}, {"Expires", kIn60}}, 60},
        {{{"Expires", kIn60}, {"Expires", kIn10}}, 10},
        {{{"Expires", kIn10}, {"Expires", kIn60}}, 10},
        {{{"Expires", kIn60}, {"Expires", "0"}}, kNot},
        {{{"Expires", "0"}, {"Expires", kIn60}}, kNot},
        {{{"Expires", "0"}, {"Expires", kIn60}, {"Expires", kIn60}}, kNot},
    });
    StoreRules ignoring;
    ignoring.ignore.expires = true;
    check({{{{"Expires", kIn60}}, kNot}}, ignoring);
    CHECK(judge({{"Expires", kIn60}}, ignoring).reason == Reason::NoFreshness);
}

TEST_CASE("RFC 9111 5.1: Age on arrival takes from freshness") {
    check({
        {{{"Cache-Control", "max-age=60"}, {"Age", "20"}}, 40},
        {{{"Cache-Control", "max-age=60"}, {"Age", "60"}}, kNot},
        {{{"Cache-Control", "max-age=60"}, {"Age", "99999999999999999999"}}, kNot},
        {{{"Cache-Control", "s-maxage=60"}, {"Age", "20"}}, 40},
        {{{"Expires", kIn60}, {"Date", kNow}, {"Age", "20"}}, 40},
        // The first member; one that is no number is ignored.
        {{{"Cache-Control", "max-age=60"}, {"Age", "20, 0"}}, 40},
        {{{"Cache-Control", "max-age=60"}, {"Age", "0, 20"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", "20"}, {"Age", "0"}}, 40},
        {{{"Cache-Control", "max-age=60"}, {"Age", "0"}, {"Age", "20"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", "x"}, {"Age", "20"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", " 20\t"}}, 40},
        {{{"Cache-Control", "max-age=60"}, {"Age", "abc"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", "-20"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", "20.0"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", "20;a=b"}}, 60},
        {{{"Cache-Control", "max-age=60"}, {"Age", ""}}, 60},
    });
}

TEST_CASE("RFC 9111 4.2.3: the age on arrival") {
    struct Arrival {
        Fields fields;
        std::int64_t request_time;
        std::int64_t age;
    };
    const Arrival arrivals[] = {
        {{}, kArrival, 0},
        {{{"Date", kNow}}, kArrival, 0},
        {{{"Date", kAgo10}}, kArrival, 10},
        {{{"Date", kIn10}}, kArrival, 0},
        {{{"Date", kTomorrow}}, kArrival, 0},
        {{{"Date", "x"}}, kArrival, 0},
        {{{"Date", kAgo10}, {"Date", kAgo60}}, kArrival, 10},
        {{{"Age", "30"}}, kArrival, 30},
        {{{"Age", "30"}, {"Date", kAgo10}}, kArrival, 30},
        {{{"Age", "30"}, {"Date", kAgo60}}, kArrival, 60},
        {{}, kArrival - 5, 5},
        {{{"Age", "30"}}, kArrival - 5, 35},
        {{{"Date", kAgo10}}, kArrival - 5, 10},
        {{}, kArrival + 5, 0},
        {{{"Age", "30"}}, kArrival + 5, 30},
        {{{"Age", "2147483648"}}, kArrival - 5, kForever},
        {{{"Date", "Sat, 01 Jan 0000 00:00:00 GMT"}}, kArrival, kForever},
    };
    constexpr ValidRule kAny[] = {{60, 0}};
    StoreRules rules;
    rules.valid = kAny;
    for (const Arrival& arrival : arrivals) {
        CAPTURE(arrival.age, arrival.request_time - kArrival);
        const ResponseFacts response{200, arrival.fields, arrival.request_time, kArrival};
        const Verdict verdict = judge_response({}, response, rules);
        REQUIRE(verdict.storable());
        CHECK(verdict.generated == kArrival - arrival.age);
    }
}

TEST_CASE("a Date far in the future counts as the time of arrival") {
    const std::string in_two_days = date_at(2 * 86400);
    const std::string skewed_expires = date_at(2 * 86400 + 60);
    check({
        {{{"Cache-Control", "max-age=60"}, {"Date", in_two_days}}, 60},
        {{{"Expires", kIn60}, {"Date", in_two_days}}, 60},
        // Both are wrong by the same clock: the lifetime is what was meant.
        {{{"Expires", skewed_expires}, {"Date", in_two_days}}, 60},
    });
}

TEST_CASE("X-Accel-Expires as in nginx") {
    const std::string absolute = "@" + std::to_string(kArrival + 30);
    const std::string past = "@" + std::to_string(kArrival - 30);
    check({
        {{{"X-Accel-Expires", "30"}}, 30},
        {{{"x-accel-EXPIRES", " 30 "}}, 30},
        {{{"X-Accel-Expires", absolute}}, 30},
        {{{"X-Accel-Expires", past}}, kNot},
        {{{"X-Accel-Expires", "@0"}}, kNot},
        {{{"X-Accel-Expires", "0"}, {"Cache-Control", "max-age=60"}}, kNot},
        {{{"X-Accel-Expires", "30"}, {"Cache-Control", "max-age=60"}}, 30},
        {{{"Cache-Control", "s-maxage=60"}, {"X-Accel-Expires", "30"}}, 30},
        {{{"Cache-Control", "private"}, {"X-Accel-Expires", "30"}}, 30},
        {{{"X-Accel-Expires", "30"}, {"Cache-Control", "no-store, no-cache, max-age=0"}}, 30},
        {{{"Expires", "0"}, {"X-Accel-Expires", "30"}}, 30},
        {{{"X-Accel-Expires", "30"}, {"Age", "20"}}, 30},
        {{{"X-Accel-Expires", "9999999999"}}, kForever},
        // What is no number is not there.
        {{{"X-Accel-Expires", "off"}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", ""}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", "@"}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", "-1"}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", "99999999999999999999"}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", "9223372036854775808"}, {"Cache-Control", "max-age=60"}}, 60},
        {{{"X-Accel-Expires", "off"}}, kNot},
    });
    CHECK(judge({{"X-Accel-Expires", "0"}}).reason == Reason::AccelExpires);
    CHECK(judge({{"X-Accel-Expires", past}}).reason == Reason::AlreadyStale);

    StoreRules ignoring;
    ignoring.ignore.x_accel_expires = true;
    check({{{{"X-Accel-Expires", "0"}, {"Cache-Control", "max-age=60"}}, 60},
           {{{"X-Accel-Expires", "30"}}, kNot}},
          ignoring);
}

TEST_CASE("X-Accel-Expires several times: a zero forbids, and the earliest time counts") {
    check({
        {{{"X-Accel-Expires", "30"}, {"X-Accel-Expires", "0"}}, kNot},
        {{{"X-Accel-Expires", "0"}, {"X-Accel-Expires", "30"}}, kNot},
        {{{"X-Accel-Expires", "30"}, {"X-Accel-Expires", "@0"}}, kNot},
        {{{"X-Accel-Expires", "x"}, {"X-Accel-Expires", "0"}, {"Cache-Control", "max-age=9"}},
         kNot},
        {{{"X-Accel-Expires", "30"}, {"X-Accel-Expires", "60"}}, 30},
        {{{"X-Accel-Expires", "60"}, {"X-Accel-Expires", "30"}, {"X-Accel-Expires", "x"}}, 30},
        // On one line, as a proxy may have put them together.
        {{{"X-Accel-Expires", "30, 0"}, {"Cache-Control", "max-age=9"}}, kNot},
        {{{"X-Accel-Expires", "0;x"}, {"Cache-Control", "max-age=9"}}, kNot},
        {{{"X-Accel-Expires", "30, 60"}, {"Cache-Control", "max-age=9"}}, 9},
    });
    CHECK(judge({{"X-Accel-Expires", "30"}, {"X-Accel-Expires", "0"}}).reason ==
          Reason::AccelExpires);
}

TEST_CASE("RFC 9213 2.2: targeted fields before Cache-Control and Expires") {
    const std::string_view targets[] = {"Mcache-Cache-Control", "CDN-Cache-Control"};
    StoreRules rules;
    rules.targeted = targets;
    check(
        {
            {{{"CDN-Cache-Control", "max-age=60"}}, 60},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Cache-Control", "no-store, private"}}, 60},
            {{{"Cache-Control", "max-age=10"}, {"CDN-Cache-Control", "max-age=60"}}, 60},
            {{{"CDN-Cache-Control", "no-store"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "private"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Expires", "0"}}, 60},
            {{{"CDN-Cache-Control", "public"}, {"Expires", kIn60}}, kNot},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Age", "20"}}, 40},
            {{{"CDN-Cache-Control", "max-age=60"}, {"X-Accel-Expires", "30"}}, 30},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Mcache-Cache-Control", "max-age=30"}}, 30},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Mcache-Cache-Control", ""}}, 60},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Mcache-Cache-Control", "A"}}, 60},
            // Not valid: as though it were not there.
            {{{"CDN-Cache-Control", ""}, {"Cache-Control", "max-age=60"}}, 60},
            {{{"CDN-Cache-Control", "Max-Age=10"}, {"Cache-Control", "max-age=60"}}, 60},
            {{{"CDN-Cache-Control", "max-age=10, &&&"}, {"Cache-Control", "max-age=60"}}, 60},
            // What it forbids stands all the same.
            {{{"CDN-Cache-Control", "no-store,"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "PRIVATE"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "max-age=9; No-Cache"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "no-store,"}, {"Cache-Control", "must-understand, max-age=9"}},
             kNot},
            {{{"CDN-Cache-Control", "max-age=9;private"}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"Mcache-Cache-Control", "no-store,"}, {"CDN-Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "max-age=60"}, {"Mcache-Cache-Control", "&"}}, 60},
            {{{"CDN-Cache-Control", "max-age=\"60\""}, {"Cache-Control", "max-age=60"}}, kNot},
            {{{"CDN-Cache-Control", "max-age=60.5"}}, kNot},
            {{{"Other-Cache-Control", "max-age=60"}}, kNot},
        },
        rules);
    check({{{{"CDN-Cache-Control", "max-age=60"}}, kNot},
           {{{"CDN-Cache-Control", "no-store"}, {"Cache-Control", "max-age=60"}}, 60}});

    RequestFacts authorized;
    authorized.has_authorization = true;
    CHECK(judge({{"CDN-Cache-Control", "max-age=60, public"}}, rules, 200, authorized).storable());
    CHECK(judge({{"CDN-Cache-Control", "max-age=60"}, {"Cache-Control", "public"}}, rules, 200,
                authorized)
              .reason == Reason::Authorization);
}

TEST_CASE("RFC 9111 4.2.2: heuristic freshness, where it is switched on") {
    const std::string ago_1000 = date_at(-1000);
    const std::string ago_1100 = date_at(-1100);
    const std::string long_ago = "Sat, 01 Jan 0000 00:00:00 GMT";
    StoreRules rules;
    rules.heuristic_permille = 100;
    rules.heuristic_cap = 5000;
    check(
        {
            {{{"Last-Modified", ago_1000}}, 100},
            {{{"Last-Modified", ago_1100}, {"Date", date_at(-100)}}, kNot},
            {{{"Last-Modified", ago_1100}, {"Date", kAgo10}}, 99},
            {{{"Last-Modified", ago_1000}, {"Age", "40"}}, 60},
            {{{"Last-Modified", long_ago}}, 5000},
            {{{"Last-Modified", kIn60}}, kNot},
            {{{"Last-Modified", "x"}}, kNot},
            {{}, kNot},
            {{{"Last-Modified", ago_1000}, {"Cache-Control", "max-age=7"}}, 7},
            {{{"Last-Modified", ago_1000}, {"Expires", "0"}}, kNot},
        },
        rules);

    struct Status {
        unsigned status;
        std::string_view cache_control;
        bool stored;
    };
    const Status statuses[] = {
        {200, "", true},       {203, "", true},       {204, "", true},  {300, "", true},
        {301, "", true},       {302, "", false},      {307, "", false}, {308, "", true},
        {403, "", false},      {404, "", true},       {405, "", true},  {410, "", true},
        {414, "", true},       {500, "", false},      {501, "", true},  {599, "", false},
        {302, "public", true}, {599, "public", true},
    };
    for (const Status& s : statuses) {
        CAPTURE(s.status, s.cache_control);
        const Fields fields = {{"Last-Modified", ago_1000}, {"Cache-Control", s.cache_control}};
        CHECK(fresh_for(fields, rules, s.status).has_value() == s.stored);
    }

    const Fields modified = {{"Last-Modified", ago_1000}};
    CHECK(judge(modified).reason == Reason::NoFreshness);
    rules.heuristic_permille = 5000;
    CHECK(fresh_for(modified, rules) == 1000);
    constexpr ValidRule kAny[] = {{60, 0}};
    rules.valid = kAny;
    CHECK(fresh_for(modified, rules) == 60);
}

TEST_CASE("RFC 5861 and RFC 9111 4.2.4: what the response grants past its freshness") {
    struct Window {
        Fields fields;
        std::int64_t while_revalidate;
        std::int64_t if_error;
        bool must_revalidate;
    };
    const auto cc = [](std::string_view value) { return Fields{{"Cache-Control", value}}; };
    const Window windows[] = {
        {cc("max-age=60"), 0, 0, false},
        {cc("max-age=60, stale-while-revalidate=5"), 5, 5, false},
        {cc("max-age=60, stale-if-error=7"), 0, 7, false},
        {cc("max-age=60, stale-while-revalidate=5, stale-if-error=7"), 5, 7, false},
        {cc("max-age=60, stale-while-revalidate=5, stale-if-error=0"), 5, 0, false},
        {cc("max-age=60, stale-while-revalidate=x, stale-if-error"), 0, 0, false},
        {cc("max-age=60, stale-if-error=99999999999"), 0, kForever, false},
        {cc("max-age=60, must-revalidate"), 0, 0, true},
        {cc("max-age=60, proxy-revalidate"), 0, 0, true},
        {cc("max-age=60, must-revalidate, stale-while-revalidate=5"), 0, 0, true},
        {cc("max-age=60, proxy-revalidate, stale-if-error=5"), 0, 0, true},
        {cc("s-maxage=60"), 0, 0, true},
        {cc("s-maxage=60, stale-while-revalidate=5"), 0, 0, true},
        // As in nginx: X-Accel-Expires replaces all but the windows.
        {{{"X-Accel-Expires", "60"},
          {"Cache-Control", "s-maxage=9, must-revalidate, stale-while-revalidate=5"}},
         5,
         5,
         false},
    };
    for (const Window& w : windows) {
        CAPTURE(w.fields.front().value, w.fields.back().value);
        const Verdict verdict = judge(w.fields);
        REQUIRE(verdict.storable());
        CHECK(verdict.stale_while_revalidate == w.while_revalidate);
        CHECK(verdict.stale_if_error == w.if_error);
        CHECK(verdict.must_revalidate == w.must_revalidate);
        CHECK(verdict.keep_until == kArrival + 60 + std::max(w.while_revalidate, w.if_error));
    }

    StoreRules lenient;
    lenient.windows_beside_s_maxage = true;
    const Verdict beside = judge(cc("s-maxage=60, stale-while-revalidate=5"), lenient);
    CHECK(beside.stale_while_revalidate == 5);
    CHECK(beside.must_revalidate);
    CHECK(judge(cc("s-maxage=60, must-revalidate, stale-while-revalidate=5"), lenient)
              .stale_while_revalidate == 0);
}

TEST_CASE("how long an entry is kept past its freshness") {
    struct Keep {
        Fields fields;
        std::int64_t keep_stale;
        std::int64_t kept;
    };
    const Keep keeps[] = {
        {{{"Cache-Control", "max-age=60"}}, 0, 60},
        {{{"Cache-Control", "max-age=60"}}, 600, 660},
        {{{"Cache-Control", "max-age=60, stale-if-error=5"}}, 600, 660},
        {{{"Cache-Control", "max-age=60, stale-if-error=700"}}, 600, 760},
        {{{"Cache-Control", "max-age=60, must-revalidate"}}, 600, 60},
        {{{"Cache-Control", "max-age=60, must-revalidate"}, {"ETag", "\"a\""}}, 600, 660},
        {{{"Cache-Control", "max-age=0, stale-while-revalidate=5"}}, 600, 600},
        {{{"Cache-Control", "max-age=60"}}, INT64_MAX, INT64_MAX - kArrival},
    };
    for (const Keep& keep : keeps) {
        CAPTURE(keep.fields.front().value, keep.keep_stale);
        StoreRules rules;
        rules.keep_stale = keep.keep_stale;
        const Verdict verdict = judge(keep.fields, rules);
        REQUIRE(verdict.storable());
        CHECK(verdict.keep_until == kArrival + keep.kept);
    }
}

TEST_CASE("validators: an ETag or a Last-Modified that is a date") {
    struct Validator {
        HeaderField field;
        bool counts;
    };
    const Validator validators[] = {
        {{"ETag", "\"a\""}, true},
        {{"etag", "W/\"a\""}, true},
        {{"ETag", ""}, false},
        {{"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}, true},
        {{"Last-Modified", "1994"}, false},
        {{"X-ETag", "\"a\""}, false},
    };
    for (const Validator& v : validators) {
        CAPTURE(v.field.name, v.field.value);
        CHECK(judge({{"Cache-Control", "max-age=60"}, v.field}).has_validator == v.counts);
    }
}

TEST_CASE("clocks at the ends of their range do not overflow") {
    const Fields fields = {{"Cache-Control", "max-age=60, stale-if-error=5"},
                           {"Age", "30"},
                           {"Date", kNow},
                           {"Expires", kIn60}};
    StoreRules rules;
    rules.keep_stale = INT64_MAX;
    rules.heuristic_permille = 1000;
    for (const std::int64_t request_time : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
        for (const std::int64_t response_time : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
            CAPTURE(request_time, response_time);
            const Verdict verdict =
                judge_response({}, {200, fields, request_time, response_time}, rules);
            if (verdict.storable()) {
                CHECK(verdict.generated <= response_time);
            }
        }
    }
}

TEST_CASE("what lay in a cache on the way is as old as it is") {
    constexpr std::int64_t kLay = 40;
    const auto judged = [](const Fields& fields, const StoreRules& rules = {}) {
        return judge_response({}, {200, fields, kArrival - kLay, kArrival}, rules);
    };
    CHECK(judged({{"X-Accel-Expires", "60"}}).fresh_until == kArrival + 60 - kLay);
    CHECK(judged({{"Cache-Control", "max-age=60"}}).fresh_until == kArrival + 60 - kLay);
    CHECK(judged({{"Cache-Control", "max-age=60"}, {"Age", "7"}}).fresh_until ==
          kArrival + 60 - kLay - 7);
    CHECK(judged({{"X-Accel-Expires", "30"}}).reason == Reason::AlreadyStale);

    constexpr ValidRule kMinute[] = {{60, 0}};
    StoreRules rules;
    rules.valid = kMinute;
    CHECK(judged({}, rules).fresh_until == kArrival + 60);
    CHECK(judged({}, rules).generated == kArrival - kLay);
}
