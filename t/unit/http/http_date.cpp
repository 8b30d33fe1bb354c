// So that a failed comparison shows what was there.
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER

#include "http/http_date.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "unit/catch.h"

using mcache::http::format_http_date;
using mcache::http::kHttpDateLength;
using mcache::http::parse_http_date;

namespace {

constexpr std::int64_t kExample = 784111777;  // the date that RFC 9110 uses in its examples
constexpr std::int64_t k2024 = 1704067200;    // 2024-01-01T00:00:00Z

std::string formatted(std::int64_t time) {
    char out[kHttpDateLength];
    format_http_date(time, out);
    return std::string(out, sizeof(out));
}

}  // namespace

TEST_CASE("RFC 9110 5.6.7: the three formats of a date") {
    struct Case {
        std::string_view text;
        std::int64_t time;
    };
    const Case cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", kExample},
        {"Sunday, 06-Nov-94 08:49:37 GMT", kExample},
        {"Sun Nov  6 08:49:37 1994", kExample},
        {"Sun Nov 06 08:49:37 1994", kExample},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Thu, 29 Feb 2024 12:00:00 GMT", k2024 + 59 * 86400 + 43200},
        {"Tue Feb 29 00:00:00 2000", 951782400},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
        {"Sat, 01 Jan 0000 00:00:00 GMT", -62167219200},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228799},
        {"Mon, 06 Nov 1994 08:49:37 GMT", kExample},
        // RFC 9111, section 4.2: without regard to case.
        {"sun, 06 nov 1994 08:49:37 gmt", kExample},
        {"SUNDAY, 06-NOV-94 08:49:37 GMT", kExample},
        {"SUN NOV  6 08:49:37 1994", kExample},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(parse_http_date(c.text, k2024) == c.time);
    }
}

TEST_CASE("RFC 9110 5.6.7: nothing looser is a date") {
    const std::string_view cases[] = {
        "",
        "0",
        "-1",
        "now",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GM",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,  6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 94 8:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT",
        "Sun, 06 Okt 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov   6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  6 08:49:37 94",
        "Sunday Nov  6 08:49:37 1994",
    };
    for (const std::string_view text : cases) {
        CAPTURE(text);
        CHECK(parse_http_date(text, k2024) == std::nullopt);
    }
    CHECK(parse_http_date(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0", 30), k2024) ==
          std::nullopt);
}

TEST_CASE("RFC 9110 5.6.7: a year of two digits is at most 50 years ahead") {
    struct Case {
        std::int64_t now;
        std::string_view text;
        std::string_view means;
    };
    constexpr std::int64_t k2099 = 4070908800;  // 2099-01-01T00:00:00Z
    const Case cases[] = {
        {k2024, "Monday, 01-Jan-24 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 GMT"},
        {k2024, "Sunday, 31-Dec-73 23:59:59 GMT", "Sun, 31 Dec 2073 23:59:59 GMT"},
        {k2024, "Monday, 01-Jan-74 00:00:00 GMT", "Mon, 01 Jan 2074 00:00:00 GMT"},
        {k2024, "Tuesday, 01-Jan-74 00:00:01 GMT", "Tue, 01 Jan 1974 00:00:01 GMT"},
        {k2024, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {k2024, "Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"},
        {k2024, "Tuesday, 29-Feb-00 00:00:00 GMT", "Tue, 29 Feb 2000 00:00:00 GMT"},
        {k2099, "Sunday, 01-Jan-30 00:00:00 GMT", "Sun, 01 Jan 2130 00:00:00 GMT"},
        {k2099, "Thursday, 01-Jan-60 00:00:00 GMT", "Thu, 01 Jan 2060 00:00:00 GMT"},
        {0, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"},
        {0, "Thursday, 01-Jan-20 00:00:00 GMT", "Wed, 01 Jan 2020 00:00:00 GMT"},
        {0, "Thursday, 02-Jan-20 00:00:00 GMT", "Fri, 02 Jan 1920 00:00:00 GMT"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.now, c.text);
        const auto time = parse_http_date(c.text, c.now);
        REQUIRE(time.has_value());
        CHECK(formatted(*time) == c.means);
    }
}

TEST_CASE("a clock beyond all reason does not upset the reading of a date") {
    for (const std::int64_t now : {INT64_MIN, INT64_MAX}) {
        CAPTURE(now);
        CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now) == kExample);
        CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now).has_value());
    }
}

TEST_CASE("RFC 9110 5.6.7: dates are written as IMF-fixdate") {
    struct Case {
        std::int64_t time;
        std::string_view text;
    };
    const Case cases[] = {
        {kExample, "Sun, 06 Nov 1994 08:49:37 GMT"},  {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},        {2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"}, {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.time);
        CHECK(formatted(c.time) == c.text);
    }
}

TEST_CASE("what is written is read back as the same time") {
    for (std::int64_t time = -62167219200; time <= 253402300799; time += 86399 * 1013) {
        const std::string text = formatted(time);
        if (parse_http_date(text, k2024) != time) {
            FAIL(text);
        }
    }
}
