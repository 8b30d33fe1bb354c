#include "http/http_date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"

namespace mcache::http {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// Three letters as a number, whatever their case.
constexpr std::uint32_t letters(std::string_view three) {
    std::uint32_t number = 0;
    for (const char c : three) {
        number = number << 8 | static_cast<unsigned char>(to_lower(c));
    }
    return number;
}

template <std::size_t N>
constexpr std::array<std::uint32_t, N> letters_of(const std::array<std::string_view, N>& names) {
    std::array<std::uint32_t, N> numbers{};
    std::transform(names.begin(), names.end(), numbers.begin(), letters);
    return numbers;
}

constexpr std::array kMonthLetters = letters_of(kMonths);
constexpr std::array kDayLetters = letters_of(kDays);

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kFirstTime = -62167219200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastTime = 253402300799;   // 9999-12-31T23:59:59Z

struct Civil {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int second_of_day = 0;

    auto operator<=>(const Civil&) const = default;
};

Civil to_civil(std::int64_t time) {
    time = std::clamp(time, kFirstTime, kLastTime);
    std::int64_t days = time / kSecondsPerDay;
    std::int64_t second = time % kSecondsPerDay;
    if (second < 0) {
        second += kSecondsPerDay;
        --days;
    }
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()), static_cast<int>(second)};
}

// Empty for a day that its month does not have.
std::optional<std::int64_t> from_civil(const Civil& civil) {
    const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                           std::chrono::month{civil.month},
                                           std::chrono::day{civil.day}};
    if (!date.ok()) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
    return days * kSecondsPerDay + civil.second_of_day;
}

// Reads a date from left to right; the first thing that is not as the grammar says makes it fail
// for good.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    void literal(std::string_view expected) {
        if (iequals(rest_.substr(0, expected.size()), expected)) {
            rest_.remove_prefix(expected.size());
        } else {
            failed_ = true;
        }
    }

    void byte(char expected) {
        if (!rest_.empty() && rest_.front() == expected) {
            rest_.remove_prefix(1);
        } else {
            failed_ = true;
        }
    }

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= rest_.size() || !is_digit(rest_[i])) {
                failed_ = true;
                return 0;
            }
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    template <std::size_t N>
    unsigned one_of(const std::array<std::uint32_t, N>& abbreviations) {
        const std::uint32_t wanted = letters(rest_.substr(0, 3));
        const auto* found = std::find(abbreviations.begin(), abbreviations.end(), wanted);
        if (found == abbreviations.end()) {
            failed_ = true;
            return 0;
        }
        rest_.remove_prefix(3);
        return static_cast<unsigned>(found - abbreviations.begin());
    }

    void long_day() {
        for (const std::string_view name : kLongDays) {
            if (iequals(rest_.substr(0, name.size()), name)) {
                rest_.remove_prefix(name.size());
                return;
            }
        }
        failed_ = true;
    }

    unsigned day() { return static_cast<unsigned>(digits(2)); }

    // asctime: two digits, or a blank and one.
    unsigned padded_day() {
        if (!rest_.empty() && rest_.front() == ' ') {
            rest_.remove_prefix(1);
            return static_cast<unsigned>(digits(1));
        }
        return day();
    }

    unsigned month() { return one_of(kMonthLetters) + 1; }

    int time_of_day() {
        const int hour = digits(2);
        byte(':');
        const int minute = digits(2);
        byte(':');
        const int second = digits(2);
        if (hour > 23 || minute > 59 || second > 60) {
            failed_ = true;
        }
        return hour * 3600 + minute * 60 + std::min(second, 59);
    }

    bool complete() const { return !failed_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Civil> read_imf_fixdate(std::string_view text) {
    Reader in(text);
    Civil civil;
    in.one_of(kDayLetters);
    in.literal(", ");
    civil.day = in.day();
    in.byte(' ');
    civil.month = in.month();
    in.byte(' ');
    civil.year = in.digits(4);
    in.byte(' ');
    civil.second_of_day = in.time_of_day();
    in.literal(" GMT");
    return in.complete() ? std::optional(civil) : std::nullopt;
}

// Sun Nov  6 08:49:37 1994
std::optional<Civil> read_asctime(std::string_view text) {
    Reader in(text);
    Civil civil;
    in.one_of(kDayLetters);
    in.byte(' ');
    civil.month = in.month();
    in.byte(' ');
    civil.day = in.padded_day();
    in.byte(' ');
    civil.second_of_day = in.time_of_day();
    in.byte(' ');
    civil.year = in.digits(4);
    return in.complete() ? std::optional(civil) : std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<Civil> read_rfc850(std::string_view text, std::int64_t now) {
    Reader in(text);
    Civil civil;
    in.long_day();
    in.literal(", ");
    civil.day = in.day();
    in.byte('-');
    civil.month = in.month();
    in.byte('-');
    const int two_digits = in.digits(2);
    in.byte(' ');
    civil.second_of_day = in.time_of_day();
    in.literal(" GMT");
    if (!in.complete()) {
        return std::nullopt;
    }

    Civil latest = to_civil(now);
    latest.year += 50;
    civil.year = latest.year - latest.year % 100 + two_digits;
    if (civil > latest) {
        civil.year -= 100;
    }
    return civil;
}

void write_digits(char*& out, unsigned value, unsigned count) {
    for (unsigned i = count; i-- > 0;) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out += count;
}

void write_text(char*& out, std::string_view text) {
    out = std::copy(text.begin(), text.end(), out);
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now) {
    std::optional<Civil> civil;
    const std::size_t comma = text.find(',');
    if (comma == 3) {
        civil = read_imf_fixdate(text);
    } else if (comma == std::string_view::npos) {
        civil = read_asctime(text);
    } else {
        civil = read_rfc850(text, now);
    }
    return civil ? from_civil(*civil) : std::nullopt;
}

void format_http_date(std::int64_t time, char (&out)[kHttpDateLength]) {
    const Civil civil = to_civil(time);
    const std::chrono::weekday weekday{
        std::chrono::sys_days{std::chrono::year{civil.year} / static_cast<int>(civil.month) /
                              static_cast<int>(civil.day)}};
    const auto second = static_cast<unsigned>(civil.second_of_day);

    char* next = out;
    write_text(next, kDays[weekday.c_encoding()]);
    write_text(next, ", ");
    write_digits(next, civil.day, 2);
    write_text(next, " ");
    write_text(next, kMonths[civil.month - 1]);
    write_text(next, " ");
    write_digits(next, static_cast<unsigned>(civil.year), 4);
    write_text(next, " ");
    write_digits(next, second / 3600, 2);
    write_text(next, ":");
    write_digits(next, second / 60 % 60, 2);
    write_text(next, ":");
    write_digits(next, second % 60, 2);
    write_text(next, " GMT");
}

}  // namespace mcache::http
