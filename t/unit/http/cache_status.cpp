#include "http/cache_status.h"

#include <array>
#include <string>
#include <string_view>

#include "http/structured_fields.h"
#include "unit/catch.h"

using mcache::http::CacheStatus;
using mcache::http::DictionaryReader;
using mcache::http::format_cache_status;
using mcache::http::Forward;
using mcache::http::forward_for;
using mcache::http::kLastReason;
using mcache::http::Reason;

namespace {

std::string formatted(const CacheStatus& status, std::size_t room = 512) {
    std::array<char, 512> buffer;
    return std::string(format_cache_status(status, std::span(buffer).first(room)));
}

// A member of a list is what a member of a dictionary has after its key.
bool is_structured(const std::string& member) {
    const std::string line = "a=" + member;
    DictionaryReader reader(line);
    return reader.next() == DictionaryReader::Step::Member &&
           reader.next() == DictionaryReader::Step::End;
}

CacheStatus forwarded(Forward forward) {
    CacheStatus status;
    status.forward = forward;
    return status;
}

}  // namespace

TEST_CASE("RFC 9211 2: a member of Cache-Status") {
    CacheStatus hit;
    CHECK(formatted(hit) == "mcache; hit");
    hit.ttl = 376;
    CHECK(formatted(hit) == "mcache; hit; ttl=376");
    hit.ttl = -412;
    hit.key = "http://a/b?c";
    CHECK(formatted(hit) == "mcache; hit; ttl=-412; key=\"http://a/b?c\"");

    CacheStatus miss = forwarded(Forward::UriMiss);
    miss.forward_status = 200;
    miss.stored = true;
    miss.collapsed = true;
    miss.ttl = 60;
    miss.key = "k";
    miss.detail = "set-cookie";
    CHECK(formatted(miss) ==
          "mcache; fwd=uri-miss; fwd-status=200; ttl=60; stored; collapsed; key=\"k\"; "
          "detail=set-cookie");
}

TEST_CASE("RFC 9211 2.2: the reasons to forward") {
    struct Case {
        Forward forward;
        std::string_view text;
    };
    const Case cases[] = {
        {Forward::Bypass, "bypass"},    {Forward::Method, "method"},
        {Forward::UriMiss, "uri-miss"}, {Forward::VaryMiss, "vary-miss"},
        {Forward::Miss, "miss"},        {Forward::Request, "request"},
        {Forward::Stale, "stale"},      {Forward::Partial, "partial"},
    };
    for (const Case& c : cases) {
        CHECK(formatted(forwarded(c.forward)) == "mcache; fwd=" + std::string(c.text));
    }
    CHECK(forward_for(Reason::None) == Forward::No);
    CHECK(forward_for(Reason::Method) == Forward::Method);
    CHECK(forward_for(Reason::Ignored) == Forward::Bypass);
    CHECK(forward_for(Reason::Bypass) == Forward::Bypass);
    CHECK(forward_for(Reason::RequestHeader) == Forward::Request);
    CHECK(forward_for(Reason::Miss) == Forward::UriMiss);
    CHECK(forward_for(Reason::VaryMiss) == Forward::VaryMiss);
    CHECK(forward_for(Reason::Expired) == Forward::Stale);
    CHECK(forward_for(Reason::Purged) == Forward::Stale);
    CHECK(forward_for(Reason::Down) == Forward::Miss);
    for (unsigned i = 1; i <= static_cast<unsigned>(kLastReason); ++i) {
        CHECK(forward_for(static_cast<Reason>(i)) != Forward::No);
    }
}

TEST_CASE("RFC 9211 2: what describes a forward is not said of a hit") {
    CacheStatus hit;
    hit.forward_status = 200;
    hit.stored = true;
    hit.collapsed = true;
    CHECK(formatted(hit) == "mcache; hit");
}

TEST_CASE("RFC 8941 3.3: names, details and keys that are no tokens") {
    struct Case {
        std::string_view text;
        std::string_view as_detail;
        std::string_view as_key;
    };
    const Case cases[] = {
        {"too-large", "too-large", "\"too-large\""},
        {"a:/b", "a:/b", "\"a:/b\""},
        {"*x", "*x", "\"*x\""},
        {"9x", "\"9x\"", "\"9x\""},
        {"/x", "\"/x\"", "\"/x\""},
        {"a b", "\"a b\"", "\"a b\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\""},
        {"a;b=\"c\", d", "\"a;b=\\\"c\\\", d\"", "\"a;b=\\\"c\\\", d\""},
        {"\xc3\xa9\r\n\x7f", "\"%C3%A9%0D%0A%7F\"", "\"%C3%A9%0D%0A%7F\""},
        {std::string_view("\0", 1), "\"%00\"", "\"%00\""},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CacheStatus status;
        status.detail = c.text;
        status.key = c.text;
        const std::string member = formatted(status);
        CHECK(member ==
              "mcache; hit; key=" + std::string(c.as_key) + "; detail=" + std::string(c.as_detail));
        CHECK(is_structured(member));

        CacheStatus named;
        named.cache = c.text;
        CHECK(formatted(named) == std::string(c.as_detail) + "; hit");
        CHECK(is_structured(formatted(named)));
    }
}

TEST_CASE("RFC 8941 3.3.1: an integer has at most 15 digits") {
    CacheStatus hit;
    hit.ttl = INT64_MAX;
    CHECK(formatted(hit) == "mcache; hit; ttl=999999999999999");
    hit.ttl = INT64_MIN;
    CHECK(formatted(hit) == "mcache; hit; ttl=-999999999999999");
}

TEST_CASE("a member that does not fit loses whole parameters, never half of one") {
    CacheStatus miss = forwarded(Forward::Stale);
    miss.forward_status = 304;
    miss.ttl = 5;
    miss.stored = true;
    miss.key = "http://example.org/\"quoted\"";
    miss.detail = "expired";
    const std::string whole = formatted(miss);
    for (std::size_t room = 0; room <= whole.size(); ++room) {
        const std::string member = formatted(miss, room);
        CAPTURE(room, member);
        REQUIRE(member.size() <= room);
        CHECK((member.empty() || is_structured(member)));
        CHECK(member.empty() == (room < std::string_view("mcache; fwd=stale").size()));
    }
    CHECK(formatted(miss, whole.size()) == whole);

    miss.key = std::string_view();
    const std::string without_key = formatted(miss);
    miss.key = std::string_view("a key that is too long for the room that is left");
    CHECK(formatted(miss, without_key.size()) == without_key);
}
