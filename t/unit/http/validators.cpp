#include "http/validators.h"

#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::http::HeaderField;
using mcache::http::speaks_of_another;
using mcache::http::Validators;
using mcache::http::validators_of;

namespace {

constexpr std::int64_t kNow = 1704067200;  // 2024
constexpr std::string_view kDate = "Wed, 01 Jan 2020 00:00:00 GMT";
constexpr std::string_view kSameDate = "Wednesday, 01-Jan-20 00:00:00 GMT";
constexpr std::string_view kOther = "Thu, 02 Jan 2020 00:00:00 GMT";

}  // namespace

TEST_CASE("the validators of a response are the first of their kind") {
    const std::vector<HeaderField> fields = {{"Etag", " "},
                                             {"ETAG", " \"a\" "},
                                             {"ETag", "\"b\""},
                                             {"Last-Modified-At", kOther},
                                             {"last-modified", kDate},
                                             {"Last-Modified", kOther}};
    const Validators validators = validators_of(fields);
    CHECK(validators.etag == "\"a\"");
    CHECK(validators.last_modified == kDate);
    CHECK(validators_of({}).etag.empty());
}

TEST_CASE("RFC 9111 4.3.4: the 304 of another response") {
    struct Case {
        Validators page;
        Validators not_modified;
        bool another;
    };
    const Case cases[] = {
        {{"\"a\"", {}}, {"\"a\"", {}}, false},
        {{"\"a\"", {}}, {"\"b\"", {}}, true},
        {{"W/\"a\"", {}}, {"W/\"a\"", {}}, false},
        {{"W/\"a\"", {}}, {"W/\"b\"", {}}, true},
        {{"\"a\"", {}}, {"W/\"b\"", {}}, true},
        {{"W/\"a\"", {}}, {"\"b\"", {}}, true},
        {{"W/\"a\"", {}}, {"\"a\"", {}}, false},
        {{"\"a\"", {}}, {"W/\"a\"", {}}, false},
        {{"\"a\"", {}}, {"\"A\"", {}}, true},
        {{"\"a\"", {}}, {"w/\"a\"", {}}, true},
        {{"\"a\"", {}}, {"a", {}}, true},

        {{{}, kDate}, {{}, kDate}, false},
        {{{}, kDate}, {{}, kSameDate}, false},
        {{{}, kDate}, {{}, kOther}, true},
        {{{}, kOther}, {{}, kDate}, true},
        {{{}, kDate}, {{}, "yesterday"}, true},
        {{{}, "yesterday"}, {{}, "yesterday"}, false},
        {{{}, "yesterday"}, {{}, "today"}, true},

        // The tag decides where both have one.
        {{"\"a\"", kDate}, {"\"a\"", kOther}, false},
        {{"\"a\"", kDate}, {"\"b\"", kDate}, true},
        {{"W/\"a\"", kDate}, {"W/\"b\"", kDate}, true},
        {{"\"a\"", kDate}, {{}, kDate}, false},
        {{"\"a\"", kDate}, {{}, kOther}, true},
        {{{}, kDate}, {"\"a\"", kDate}, false},
        {{{}, kDate}, {"\"a\"", kOther}, true},

        // What the page does not have at all.
        {{{}, kDate}, {"\"a\"", {}}, true},
        {{"\"a\"", {}}, {{}, kDate}, true},
        {{}, {"\"a\"", {}}, true},

        {{"\"a\"", kDate}, {}, false},
        {{{}, kDate}, {}, false},
    };
    for (const Case& c : cases) {
        CAPTURE(c.page.etag, c.page.last_modified, c.not_modified.etag,
                c.not_modified.last_modified);
        CHECK(speaks_of_another(c.page, c.not_modified, kNow) == c.another);
    }
}
