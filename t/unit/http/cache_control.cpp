// So that a failed comparison shows what was there.
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER

#include "http/cache_control.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::http::CacheControl;
using mcache::http::HeaderField;
using mcache::http::kMaxDeltaSeconds;
using mcache::http::parse_cache_control;
using mcache::http::parse_delta_seconds;
using mcache::http::parse_request_cache_control;
using mcache::http::parse_targeted_cache_control;

namespace {

using Lines = std::vector<std::string_view>;

std::vector<HeaderField> as_fields(const Lines& lines, std::string_view name) {
    std::vector<HeaderField> fields;
    for (const std::string_view line : lines) {
        fields.push_back({name, line});
    }
    return fields;
}

// Everything that is set, in the order of the struct, so that a case says what it expects and
// thereby that there is nothing else.
std::string shown(const CacheControl& cc) {
    std::string out;
    const auto flag = [&](std::string_view name, bool set) {
        if (set) {
            out.append(out.empty() ? "" : " ").append(name);
        }
    };
    const auto number = [&](std::string_view name, const std::optional<std::int64_t>& value) {
        if (value) {
            flag(std::string(name) + "=" + std::to_string(*value), true);
        }
    };
    flag("no-store", cc.no_store);
    flag(cc.no_cache_fields ? "no-cache(fields)" : "no-cache", cc.no_cache);
    flag(cc.private_fields ? "private(fields)" : "private", cc.is_private);
    flag("public", cc.is_public);
    flag("must-revalidate", cc.must_revalidate);
    flag("proxy-revalidate", cc.proxy_revalidate);
    flag("must-understand", cc.must_understand);
    flag("immutable", cc.immutable);
    flag("no-transform", cc.no_transform);
    flag("only-if-cached", cc.only_if_cached);
    flag("max-stale", cc.max_stale_any);
    number("max-age", cc.max_age);
    number("s-maxage", cc.s_maxage);
    number("swr", cc.stale_while_revalidate);
    number("sie", cc.stale_if_error);
    number("max-stale", cc.max_stale);
    number("min-fresh", cc.min_fresh);
    return out;
}

struct Case {
    Lines lines;
    std::string_view expected;
};

void check(std::initializer_list<Case> cases) {
    for (const Case& c : cases) {
        CAPTURE(c.lines);
        CHECK(shown(parse_cache_control(as_fields(c.lines, "cache-CONTROL"))) == c.expected);
    }
}

}  // namespace

TEST_CASE("RFC 9111 1.2.2: delta-seconds") {
    struct Number {
        std::string_view text;
        std::optional<std::int64_t> value;
    };
    const Number numbers[] = {
        {"0", 0},
        {"1", 1},
        {"007", 7},
        {"2147483647", 2147483647},
        {"2147483648", kMaxDeltaSeconds},
        {"2147483649", kMaxDeltaSeconds},
        {"9223372036854775808", kMaxDeltaSeconds},
        {"99999999999999999999999999999999999999999", kMaxDeltaSeconds},
        {"", std::nullopt},
        {" 1", std::nullopt},
        {"+1", std::nullopt},
        {"-1", std::nullopt},
        {"1.0", std::nullopt},
        {"1e3", std::nullopt},
        {"0x10", std::nullopt},
        {"99999999999999999999x", std::nullopt},
    };
    for (const Number& number : numbers) {
        CAPTURE(number.text);
        CHECK(parse_delta_seconds(number.text) == number.value);
    }
}

TEST_CASE("RFC 9111 5.2: a list of directives") {
    check({
        {{}, ""},
        {{""}, ""},
        {{" , ,\t,"}, ""},
        {{"no-store"}, "no-store"},
        {{"No-Store"}, "no-store"},
        {{"MAX-AGE=5"}, "max-age=5"},
        {{"max-age=5,s-maxage=6"}, "max-age=5 s-maxage=6"},
        {{" max-age=5 \t,\t s-maxage=6 "}, "max-age=5 s-maxage=6"},
        {{",,max-age=5,,public,"}, "public max-age=5"},
        {{"max-age=5", "public"}, "public max-age=5"},
        {{"public, must-revalidate, proxy-revalidate, must-understand, immutable, no-transform"},
         "public must-revalidate proxy-revalidate must-understand immutable no-transform"},
        {{"stale-while-revalidate=30, stale-if-error=40"}, "swr=30 sie=40"},
        {{"only-if-cached, min-fresh=9, max-stale=8"}, "only-if-cached max-stale=8 min-fresh=9"},
        {{"max-stale"}, "max-stale"},
    });
}

TEST_CASE("RFC 9111 5.2: unknown members are skipped whole") {
    check({
        {{"foo"}, ""},
        {{"foo, max-age=5"}, "max-age=5"},
        {{"foo=bar, max-age=5"}, "max-age=5"},
        {{"foo=\"bar\", max-age=5"}, "max-age=5"},
        {{"foo=\"no-store, private\", max-age=5"}, "max-age=5"},
        {{"foo=\"a\\\", no-store, \\\"b\", max-age=5"}, "max-age=5"},
        {{"foo=\"\\\\\", no-store"}, "no-store"},
        {{"xno-store, no-storex, no-store-x"}, ""},
        {{"xmax-age=5, max-agex=5"}, ""},
        {{"community=\"UCI\", x-private, not-private=private"}, ""},
    });
}

TEST_CASE("RFC 9111 5.2: an argument is a token or a quoted string") {
    check({
        {{"max-age=\"5\""}, "max-age=5"},
        {{"s-maxage=\"5\" , public"}, "public s-maxage=5"},
        {{"no-cache=\"Set-Cookie, X-A\", max-age=5"}, "no-cache(fields) max-age=5"},
        {{"no-cache=Set-Cookie"}, "no-cache(fields)"},
        {{"private=\"X-A\""}, "private(fields)"},
        {{"private, no-cache"}, "no-cache private"},
        {{"max-age=99999999999999999999"}, "max-age=2147483648"},
    });
}

TEST_CASE("RFC 9111 5.2.2.4: a no-cache that names fields is no-cache once one does not") {
    check({
        {{"no-cache=\"A\", no-cache"}, "no-cache"},
        {{"no-cache, no-cache=\"A\""}, "no-cache"},
        {{"no-cache=\"A\"", "no-cache=\"B\""}, "no-cache(fields)"},
        {{"no-cache="}, "no-cache"},
        {{"no-cache=\"\""}, "no-cache"},
        {{"private=\"A\" x"}, "private"},
    });
}

TEST_CASE("RFC 9111 4.2.1: an invalid argument is read as the strictest one") {
    check({
        {{"max-age"}, "max-age=0"},
        {{"max-age="}, "max-age=0"},
        {{"max-age=\"\""}, "max-age=0"},
        {{"max-age=a"}, "max-age=0"},
        {{"max-age=-5"}, "max-age=0"},
        {{"max-age=5.0"}, "max-age=0"},
        {{"max-age='5'"}, "max-age=0"},
        {{"max-age=5 5"}, "max-age=0"},
        {{"max-age=5;public"}, "max-age=0"},
        {{"max-age =5"}, "max-age=0"},
        {{"max-age= 5"}, "max-age=0"},
        {{"max-age:5"}, "max-age=0"},
        {{"max-age=\"5\"0"}, "max-age=0"},
        {{"max-age=\" 5\""}, "max-age=0"},
        {{"s-maxage=x, max-age=5"}, "max-age=5 s-maxage=0"},
        {{"stale-while-revalidate, stale-if-error=x"}, "swr=0 sie=0"},
        {{"max-stale=x"}, "max-stale=0"},
        {{"min-fresh=x"}, "min-fresh=2147483648"},
        {{"no-store=1"}, "no-store"},
        {{"no-store foo"}, "no-store"},
        {{"must-revalidate;x"}, "must-revalidate"},
        {{"public=1"}, ""},
        {{"public foo"}, ""},
        {{"immutable=\"a\""}, ""},
        {{"must-understand x"}, ""},
    });
}

TEST_CASE("RFC 9111 4.2.1: of several values the strictest one counts") {
    check({
        {{"max-age=5, max-age=5"}, "max-age=5"},
        {{"max-age=5, max-age=1"}, "max-age=1"},
        {{"max-age=1", "max-age=5"}, "max-age=1"},
        {{"max-age=5, max-age=x"}, "max-age=0"},
        {{"max-age=5, max-age"}, "max-age=0"},
        {{"stale-if-error=5, stale-if-error=1"}, "sie=1"},
        {{"min-fresh=5, min-fresh=1"}, "min-fresh=5"},
        {{"max-stale, max-stale=5"}, "max-stale=5"},
        {{"max-stale=5, max-stale"}, "max-stale=5"},
        {{"max-stale=5, max-stale=4"}, "max-stale=4"},
        {{"max-stale=x, max-stale"}, "max-stale=0"},
    });
}

TEST_CASE("RFC 9111 4.2.1: broken quotes hide no directive") {
    check({
        {{"foo=\"bar, no-store"}, "no-store"},
        {{"foo=\"bar", "no-store"}, "no-store"},
        {{"max-age=\"5, private"}, "private max-age=0"},
        {{"foo=\"bar\\\", no-store"}, "no-store"},
        {{"foo=\"bar\\"}, ""},
        {{"\"foo\", no-store"}, "no-store"},
        {{"\"no-store"}, "no-store"},
        {{"=, no-store"}, "no-store"},
        {{"=\"a\", no-store"}, "no-store"},
        {{"foo\"=x\", private"}, "private"},
        {{std::string_view("no-store\0, private", 18)}, "no-store private"},
        {{"\xff\xfe, no-store"}, "no-store"},
    });
}

TEST_CASE("a directive that restricts does so wherever it stands") {
    check({
        {{"public; private"}, "private"},
        {{"public;private"}, "private"},
        {{"must-revalidate; no-store"}, "no-store must-revalidate"},
        {{"must-understand; no-store"}, "no-store"},
        {{"public private"}, "private"},
        {{"public\tNO-STORE"}, "no-store"},
        {{"public/no-cache"}, "no-cache"},
        {{"public; private=\"A\""}, "private"},
        {{"; no-store"}, "no-store"},
        {{"(no-store)"}, "no-store"},
        {{"'private'"}, "private"},
        {{"60no-store, no-store."}, "no-store"},
        {{"\"private\""}, "private"},
        {{"\"public, private\""}, "private"},
        {{"max-age=60; no-store"}, "no-store max-age=0"},
        {{"max-age=60 no-store"}, "no-store max-age=0"},
        {{"max-age=60no-store"}, "no-store max-age=0"},
        {{"max-age=private"}, "private max-age=0"},
        {{"max-age=\"60, no-store, x=\""}, "no-store max-age=0"},
        {{"max-age=\"60, no-store, x=\"5\""}, "no-store max-age=0"},
        {{"public=no-store"}, "no-store"},
        {{"immutable=\"no-store\""}, "no-store"},
        {{"no-cache=\"A, private\""}, "no-cache(fields) private"},
        {{"foo=\"no-store\" bar"}, "no-store"},
        {{"foo=\"bar, baz\"; no-store"}, "no-store"},
        {{"foo; must-revalidate proxy-revalidate"}, "must-revalidate proxy-revalidate"},
        {{"public; max-age=60"}, "max-age=60"},
        {{"public; max-age=60; s-maxage=\"5\""}, "max-age=60 s-maxage=0"},
        {{"public; max-age=60, max-age=5"}, "max-age=5"},
        // What permits, and is no word of its own, does not count.
        {{"foo; public; immutable; must-understand; stale-if-error=5; max-stale"}, ""},
        {{"foo; xprivate; privatex; x-no-store; no-storex"}, ""},
        {{"foo=\"no-store; private\""}, ""},
        {{"foo=private"}, ""},
    });
}

TEST_CASE("unclosed quotes are read in linear time") {
    std::string line;
    std::string one_member = "max-age=\"";
    while (line.size() < 1000000) {
        line += "a=\"b\\\",";
        one_member += "no-stor;";
    }
    line += "no-store";
    one_member += "no-store";
    CHECK(shown(parse_cache_control(as_fields({line}, "Cache-Control"))) == "no-store");
    CHECK(shown(parse_cache_control(as_fields({one_member}, "Cache-Control"))) ==
          "no-store max-age=0");
}

TEST_CASE("RFC 9111 5.4: Pragma counts where there is no Cache-Control") {
    struct Request {
        std::vector<HeaderField> fields;
        std::string_view expected;
    };
    const Request requests[] = {
        {{}, ""},
        {{{"Pragma", "no-cache"}}, "no-cache"},
        {{{"PRAGMA", "x, No-Cache"}}, "no-cache"},
        {{{"Pragma", "x"}}, ""},
        {{{"Pragma", "no-store, max-age=5"}}, ""},
        {{{"Pragma", "no-cache"}, {"Cache-Control", "max-age=5"}}, "max-age=5"},
        {{{"Cache-Control", ""}, {"Pragma", "no-cache"}}, ""},
    };
    for (const Request& request : requests) {
        CAPTURE(request.expected);
        CHECK(shown(parse_request_cache_control(request.fields)) == request.expected);
    }
}

TEST_CASE("RFC 9213 2.1: targeted fields are dictionaries, read strictly") {
    struct Targeted {
        Lines lines;
        std::optional<std::string_view> expected;
    };
    const Targeted cases[] = {
        {{"max-age=5"}, "max-age=5"},
        {{"max-age=5", "public"}, "public max-age=5"},
        {{"max-age=5;foo;bar=baz, no-store;q"}, "no-store max-age=5"},
        {{"max-age=5;private, foo=(a;private b);no-store=1"}, "no-store private max-age=5"},
        {{"private=\"A\", no-cache=A"}, "no-cache(fields) private(fields)"},
        {{"private=\"\""}, "private"},
        {{"foo=(a b \"c\");d, bar=:YQ==:, max-age=5"}, "max-age=5"},
        {{"foo"}, ""},
        {{"max-age=999999999999999"}, "max-age=2147483648"},
        // The last one of several counts (RFC 8941, section 3.2).
        {{"max-age=1, max-age=5"}, "max-age=5"},
        {{"no-store, no-store=?0"}, ""},
        {{"no-cache, no-cache=A"}, "no-cache(fields)"},
        {{"max-stale=5, max-stale=?0"}, ""},
        // A value of the wrong type is not consumed; it does not make anything fresh either.
        {{"max-age=5.0"}, "max-age=0"},
        {{"max-age=\"5\""}, "max-age=0"},
        {{"max-age=-5"}, "max-age=0"},
        {{"max-age"}, "max-age=0"},
        {{"public=1, no-store=1, private=(a)"}, "no-store private"},
        // What is no dictionary counts for nothing.
        {{}, std::nullopt},
        {{""}, std::nullopt},
        {{"  "}, std::nullopt},
        {{"max-age=5", ""}, std::nullopt},
        {{"max-age=5,"}, std::nullopt},
        {{"max-age=5, ,public"}, std::nullopt},
        {{"Max-Age=5"}, std::nullopt},
        {{"max-age= 5"}, std::nullopt},
        {{"max-age=5 public"}, std::nullopt},
        {{"max-age=5, &&&&"}, std::nullopt},
        {{"max-age=5, foo=\"bar"}, std::nullopt},
        {{"max-age=5, foo=\"b", "ar\""}, std::nullopt},
        {{"max-age=1000000000000000"}, std::nullopt},
    };
    for (const Targeted& c : cases) {
        CAPTURE(c.lines);
        const auto parsed = parse_targeted_cache_control(as_fields(c.lines, "cdn-cache-control"),
                                                         "CDN-Cache-Control");
        REQUIRE(parsed.has_value() == c.expected.has_value());
        if (parsed) {
            CHECK(shown(*parsed) == *c.expected);
        }
    }
}
