#include "http/storable.h"

#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"
#include "unit/http/response_case.h"

using namespace mcache::http;

namespace {

constexpr ValidRule kAnyMinute[] = {{60, 0}};

// Rules under which everything that is not refused is fresh for a minute.
StoreRules minute() {
    StoreRules rules;
    rules.valid = kAnyMinute;
    return rules;
}

struct Case {
    Fields fields;
    Reason reason;
};

void check(const StoreRules& rules, std::initializer_list<Case> cases,
           const RequestFacts& request = {}) {
    for (const Case& c : cases) {
        std::string shown;
        for (const HeaderField& field : c.fields) {
            shown.append(field.name).append(": ").append(field.value).append("\n");
        }
        CAPTURE(shown);
        const Verdict verdict = judge(c.fields, rules, 200, request);
        CHECK(reason_text(verdict.reason) == reason_text(c.reason));
        CHECK(verdict.storable() == (c.reason == Reason::None));
        if (verdict.storable()) {
            CHECK(verdict.keep_until > kArrival);
        }
    }
}

}  // namespace

TEST_CASE("RFC 9111 3: what may be stored by status") {
    struct Status {
        unsigned status;
        Reason fresh;  // with a lifetime of its own
    };
    const Status statuses[] = {
        {0, Reason::Status},           {100, Reason::Status}, {101, Reason::Status},
        {103, Reason::Status},         {199, Reason::Status}, {200, Reason::None},
        {201, Reason::None},           {203, Reason::None},   {204, Reason::None},
        {206, Reason::PartialContent}, {299, Reason::None},   {301, Reason::None},
        {302, Reason::None},           {304, Reason::Status}, {307, Reason::None},
        {308, Reason::None},           {400, Reason::None},   {401, Reason::None},
        {403, Reason::None},           {404, Reason::None},   {410, Reason::None},
        {429, Reason::None},           {499, Reason::None},   {500, Reason::None},
        {503, Reason::None},           {599, Reason::None},   {600, Reason::Status},
        {999, Reason::Status},
    };
    for (const Status& s : statuses) {
        CAPTURE(s.status);
        CHECK(judge({{"Cache-Control", "max-age=60"}}, {}, s.status).reason == s.fresh);
        const Reason silent = s.fresh == Reason::None ? Reason::NoFreshness : s.fresh;
        CHECK(judge({}, {}, s.status).reason == silent);
    }
}

TEST_CASE("RFC 9111 3: the request's part") {
    RequestFacts head;
    head.is_head = true;
    RequestFacts no_store;
    no_store.no_store = true;
    const Fields fresh = {{"Cache-Control", "max-age=60"}};
    check({}, {{fresh, Reason::None}});
    check({}, {{fresh, Reason::Method}}, head);
    check({}, {{fresh, Reason::RequestHeader}}, no_store);
}

TEST_CASE("RFC 9111 5.2.2: directives that forbid storing") {
    check(minute(),
          {
              {{}, Reason::None},
              {{{"Cache-Control", ""}}, Reason::None},
              {{{"Cache-Control", "private"}}, Reason::Private},
              {{{"cache-control", "PRIVATE"}}, Reason::Private},
              {{{"Cache-Control", "private=\"X-A\""}}, Reason::Private},
              {{{"Cache-Control", "private, max-age=60"}}, Reason::Private},
              {{{"Cache-Control", "max-age=60"}, {"Cache-Control", "private"}}, Reason::Private},
              {{{"Cache-Control", "no-store"}}, Reason::CacheControlNoStore},
              {{{"Cache-Control", "no-store, max-age=60"}}, Reason::CacheControlNoStore},
              {{{"Cache-Control", "no-cache"}}, Reason::CacheControlNoCache},
              {{{"Cache-Control", "no-cache=\"X-A\""}}, Reason::CacheControlNoCache},
              {{{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}}, Reason::CacheControlNoCache},
              {{{"Cache-Control", "no-store, private, no-cache"}}, Reason::Private},
              {{{"Cache-Control", "xno-store, x=\"private, no-cache\""}}, Reason::None},
              {{{"X-Cache-Control", "no-store"}}, Reason::None},
              {{{"Pragma", "no-cache"}}, Reason::None},
          });
    StoreRules ignoring = minute();
    ignoring.ignore.cache_control = true;
    check(ignoring,
          {{{{"Cache-Control", "no-store, private, no-cache, max-age=0"}}, Reason::None}});
}

TEST_CASE("RFC 9111 5.2.2.3: must-understand") {
    struct Case {
        std::string_view cache_control;
        unsigned status;
        Reason reason;
    };
    const Case cases[] = {
        {"max-age=60, must-understand, no-store", 200, Reason::None},
        {"max-age=60, must-understand, no-store", 404, Reason::None},
        {"max-age=60, must-understand, no-store", 499, Reason::Status},
        {"max-age=60, must-understand", 599, Reason::Status},
        {"max-age=60, must-understand", 200, Reason::None},
        {"max-age=60, must-understand=1, no-store", 200, Reason::CacheControlNoStore},
        {"max-age=60, must-understand, no-store, private", 200, Reason::Private},
    };
    for (const Case& c : cases) {
        CAPTURE(c.cache_control, c.status);
        CHECK(judge({{"Cache-Control", c.cache_control}}, {}, c.status).reason == c.reason);
    }
}

TEST_CASE("RFC 9111 3.5: answers to authorized requests") {
    RequestFacts authorized;
    authorized.has_authorization = true;
    check(minute(),
          {
              {{}, Reason::Authorization},
              {{{"Cache-Control", "max-age=60"}}, Reason::Authorization},
              {{{"Cache-Control", "max-age=60, proxy-revalidate"}}, Reason::Authorization},
              {{{"Cache-Control", "max-age=60, immutable"}}, Reason::Authorization},
              {{{"Cache-Control", "public=1"}}, Reason::Authorization},
              {{{"Expires", "Fri, 31 Dec 9999 23:59:59 GMT"}}, Reason::Authorization},
              {{{"X-Accel-Expires", "60"}}, Reason::Authorization},
              {{{"Cache-Control", "public"}}, Reason::None},
              {{{"Cache-Control", "must-revalidate"}}, Reason::None},
              {{{"Cache-Control", "s-maxage=60"}}, Reason::None},
              {{{"Cache-Control", "public"}, {"X-Accel-Expires", "60"}}, Reason::None},
              {{{"Cache-Control", "public, private"}}, Reason::Private},
          },
          authorized);
    StoreRules ignoring = minute();
    ignoring.ignore.cache_control = true;
    check(ignoring, {{{{"Cache-Control", "public"}}, Reason::Authorization}}, authorized);
}

TEST_CASE("Set-Cookie is refused unless it is ignored") {
    StoreRules ignoring = minute();
    ignoring.ignore.set_cookie = true;
    const Fields fields = {{"SET-cookie", "a=b"}, {"Cache-Control", "public, max-age=60"}};
    check(minute(), {{fields, Reason::SetCookie},
                     {{{"Set-Cookie", "a=b"}, {"X-Accel-Expires", "60"}}, Reason::SetCookie},
                     {{{"Set-Cookie2", "a=b"}}, Reason::None}});
    check(ignoring, {{fields, Reason::None}});
}

TEST_CASE("RFC 9112 6.3: a length that is none, or is contradicted") {
    constexpr Reason kInvalid = Reason::HeaderInvalid;
    check(minute(), {{{{"Content-Length", "7"}}, Reason::None},
                     {{{"content-length", " 7\t"}, {"Content-Length", "7"}}, Reason::None},
                     {{{"Content-Length", "9223372036854775807"}}, Reason::None},
                     {{{"Transfer-Encoding", "chunked"}}, Reason::None},
                     {{{"Content-Length", "9223372036854775808"}}, kInvalid},
                     {{{"Content-Length", "18446744073709551623"}}, kInvalid},
                     {{{"Content-Length", ""}}, kInvalid},
                     {{{"Content-Length", "-7"}}, kInvalid},
                     {{{"Content-Length", "7, 7"}}, kInvalid},
                     {{{"Content-Length", "70"}, {"Content-Length", "7"}}, kInvalid},
                     {{{"Transfer-Encoding", "chunked"}, {"Content-Length", "7"}}, kInvalid},
                     {{{"Content-Length", "x"}, {"X-Accel-Expires", "60"}}, kInvalid}});
}

TEST_CASE("RFC 9111 4.1: a Vary that cannot be followed") {
    const std::string long_name(3000, 'a');
    const std::initializer_list<Case> cases = {
        {{{"Vary", "Accept-Encoding, Cookie"}}, Reason::None},
        {{{"Vary", "*"}}, Reason::VaryStar},
        {{{"Vary", "Accept"}, {"vary", "Cookie, *"}}, Reason::VaryStar},
        {{{"Vary", "*"}, {"X-Accel-Expires", "60"}}, Reason::VaryStar},
        {{{"Vary", long_name}}, Reason::VaryTooLong},
        {{{"Vary", "a/b"}}, Reason::VaryInvalid},
    };
    check(minute(), cases);
    StoreRules ignoring = minute();
    ignoring.ignore.vary = true;
    for (const Case& c : cases) {
        CHECK(judge(c.fields, ignoring).storable());
    }
}

TEST_CASE("mcache_valid: the first rule that matches, for what has no freshness of its own") {
    struct Case {
        std::vector<ValidRule> valid;
        unsigned status;
        std::int64_t lifetime;
        Reason reason;
    };
    const std::vector<ValidRule> usual = {{60, 200}, {60, 301}, {60, 302}};
    const Case cases[] = {
        {{}, 200, 0, Reason::NoFreshness},
        {usual, 200, 60, Reason::None},
        {usual, 302, 60, Reason::None},
        {usual, 404, 0, Reason::Status},
        {{{60, 200}, {5, 0}}, 404, 5, Reason::None},
        {{{60, 200}, {5, 0}}, 200, 60, Reason::None},
        {{{5, 0}, {60, 200}}, 200, 5, Reason::None},
        {{{60, 200}, {30, 200}}, 200, 60, Reason::None},
        {{{0, 200}, {30, 0}}, 200, 0, Reason::Status},
        {{{60, 206}, {60, 304}}, 206, 0, Reason::PartialContent},
        {{{INT64_MAX, 0}}, 200, 2147483648, Reason::None},
    };
    for (const Case& c : cases) {
        CAPTURE(c.status, c.valid.size());
        StoreRules rules;
        rules.valid = c.valid;
        const Verdict verdict = judge({}, rules, c.status);
        CHECK(verdict.reason == c.reason);
        if (verdict.storable()) {
            CHECK(verdict.fresh_until == kArrival + c.lifetime);
        }
    }
    CHECK(judge({{"Cache-Control", "max-age=5"}}, minute()).fresh_until == kArrival + 5);
    CHECK(judge({{"Cache-Control", "public"}}, minute()).fresh_until == kArrival + 60);
    CHECK(judge({{"Age", "50"}}, minute()).fresh_until == kArrival + 60);
}

TEST_CASE("RFC 9111 4.2: a response that is stale on arrival") {
    const Fields plain = {{"Cache-Control", "max-age=0"}};
    const Fields validated = {{"Cache-Control", "max-age=0"}, {"ETag", "\"a\""}};
    const Fields windowed = {{"Cache-Control", "max-age=0, stale-while-revalidate=30"}};
    const Fields too_late = {{"Cache-Control", "max-age=5, stale-if-error=30"}, {"Age", "35"}};
    const Fields in_time = {{"Cache-Control", "max-age=5, stale-if-error=30"}, {"Age", "34"}};
    check(minute(), {
                        {plain, Reason::AlreadyStale},
                        {validated, Reason::AlreadyStale},
                        {windowed, Reason::None},
                        {too_late, Reason::AlreadyStale},
                        {in_time, Reason::None},
                        {{{"Cache-Control", "max-age=60"}, {"Age", "60"}}, Reason::AlreadyStale},
                        {{{"Cache-Control", "max-age=60"}, {"Age", "59"}}, Reason::None},
                        {{{"Cache-Control", "max-age=x"}}, Reason::AlreadyStale},
                        {{{"Expires", "0"}}, Reason::AlreadyStale},
                    });
    StoreRules keeping = minute();
    keeping.store_stale = true;
    check(keeping, {{validated, Reason::AlreadyStale}});
    keeping.keep_stale = 600;
    check(keeping, {{plain, Reason::AlreadyStale}, {validated, Reason::None}});
    CHECK(judge(validated, keeping).keep_until == kArrival + 600);
    CHECK(judge(validated, keeping).fresh_until == kArrival);
}

TEST_CASE("RFC 9111 5.2.2.4: no-cache, stored for revalidation where that is switched on") {
    StoreRules rules = minute();
    rules.store_no_cache = true;
    rules.keep_stale = 600;
    const Fields etag = {{"Cache-Control", "no-cache, max-age=60, stale-while-revalidate=9"},
                         {"ETag", "\"a\""}};
    const Fields modified = {{"Cache-Control", "no-cache"},
                             {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}};
    check(rules, {
                     {etag, Reason::None},
                     {modified, Reason::None},
                     {{{"Cache-Control", "no-cache, max-age=60"}}, Reason::CacheControlNoCache},
                     {{{"Cache-Control", "no-cache"}, {"Last-Modified", "yesterday"}},
                      Reason::CacheControlNoCache},
                     {{{"Cache-Control", "no-cache"}, {"ETag", " "}}, Reason::CacheControlNoCache},
                 });
    const Verdict verdict = judge(etag, rules);
    CHECK(verdict.fresh_until == verdict.generated);
    CHECK(verdict.must_revalidate);
    CHECK(verdict.has_validator);
    CHECK(verdict.stale_while_revalidate == 0);
    CHECK(verdict.keep_until == kArrival + 600);

    rules.keep_stale = 0;
    check(rules, {{etag, Reason::CacheControlNoCache}});
}
