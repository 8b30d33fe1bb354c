#include "http/reason.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "unit/catch.h"

using mcache::http::kLastReason;
using mcache::http::Reason;
using mcache::http::reason_text;

TEST_CASE("every reason has a text of its own, of lower-case words and dashes") {
    std::set<std::string_view> seen;
    CHECK(reason_text(Reason::None).empty());
    for (unsigned i = 1; i <= static_cast<unsigned>(kLastReason); ++i) {
        const std::string_view text = reason_text(static_cast<Reason>(i));
        CAPTURE(i, text);
        CHECK_FALSE(text.empty());
        CHECK(seen.insert(text).second);
        CHECK(std::all_of(text.begin(), text.end(),
                          [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; }));
    }
    CHECK(reason_text(static_cast<Reason>(static_cast<unsigned>(kLastReason) + 1)).empty());
}

TEST_CASE("the reasons that users were promised") {
    struct Case {
        Reason reason;
        std::string_view text;
    };
    const Case cases[] = {
        {Reason::Method, "method"},
        {Reason::Ignored, "ignored"},
        {Reason::Bypass, "bypass"},
        {Reason::SetCookie, "set-cookie"},
        {Reason::Private, "private"},
        {Reason::CacheControlNoStore, "no-store"},
        {Reason::CacheControlNoCache, "no-cache"},
        {Reason::NoFreshness, "no-freshness"},
        {Reason::VaryStar, "vary-star"},
        {Reason::HeaderInvalid, "header-invalid"},
        {Reason::TooLarge, "too-large"},
        {Reason::Stream, "stream"},
        {Reason::Incomplete, "incomplete"},
        {Reason::Down, "down"},
    };
    for (const Case& c : cases) {
        CHECK(reason_text(c.reason) == c.text);
    }
}

TEST_CASE("a request is to blame for what another one would not have met") {
    using mcache::http::Blame;
    using mcache::http::blame_for;
    for (const Reason reason : {Reason::Authorization, Reason::Method, Reason::RequestHeader}) {
        CHECK(blame_for(reason) == Blame::Request);
    }
    for (const Reason reason : {Reason::SetCookie, Reason::Private, Reason::Status,
                                Reason::NoFreshness, Reason::TooLarge, Reason::NoStore}) {
        CHECK(blame_for(reason) == Blame::Response);
    }
    for (const Reason reason : {Reason::OutOfMemory, Reason::PurgeLog, Reason::Down}) {
        CHECK(blame_for(reason) == Blame::Cache);
    }
}
