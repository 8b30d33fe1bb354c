#pragma once

// HTTP-date of RFC 9110, section 5.6.7. Times are seconds since the epoch.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mcache::http {

constexpr std::size_t kHttpDateLength = 29;

// All of `text` as one of the three formats (IMF-fixdate, rfc850-date, asctime-date) and nothing
// looser; empty otherwise. Names match without regard to case, which RFC 9111, section 4.2, asks
// of caches. The name of the day must be one, but need not be that date's. `now` places the two
// digits of an rfc850 year: the last such year that is not more than 50 years ahead. A leap
// second counts as the second before it.
std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now);

// Writes `time` as IMF-fixdate, without a terminating zero. What lies outside the years 0 to 9999
// is written as the nearest time inside.
void format_http_date(std::int64_t time, char (&out)[kHttpDateLength]);

}  // namespace mcache::http
