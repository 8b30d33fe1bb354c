#include "http/caching_fields.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/integer.h"
#include "base/text.h"
#include "http/http_date.h"

namespace mcache::http {
namespace {

void add_expires(std::string_view value, std::int64_t now, CachingFields& out) {
    const std::optional<std::int64_t> time = parse_http_date(trim_ows(value), now);
    if (!out.has_expires) {
        out.has_expires = true;
        out.expires = time;
    } else if (out.expires && time) {
        out.expires = std::min(*out.expires, *time);
    } else {
        out.expires = std::nullopt;
    }
}

void add_age(std::string_view value, CachingFields& out) {
    if (!out.has_age) {
        out.has_age = true;
        out.age = parse_delta_seconds(trim_ows(value.substr(0, value.find(',')))).value_or(0);
    }
}

// One value of X-Accel-Expires.
AccelExpires read_accel_expires(std::string_view value, std::int64_t now) {
    using Says = AccelExpires::Says;
    const bool absolute = value.starts_with('@');
    const auto number = parse_decimal<std::uint64_t>(value.substr(absolute ? 1 : 0));
    if (!number || *number > static_cast<std::uint64_t>(INT64_MAX)) {
        return {};
    }
    const auto time = static_cast<std::int64_t>(*number);
    if (absolute) {
        return {Says::Until, time};
    }
    if (time == 0) {
        return {Says::Never, 0};
    }
    return {Says::Until, saturating_add(now, std::min(time, kMaxDeltaSeconds))};
}

// A line; where it holds several values, none of them permits anything.
void add_accel_expires(std::string_view line, std::int64_t now, AccelExpires& out) {
    using Says = AccelExpires::Says;
    constexpr std::string_view kSeparators = ",; \t";
    line = trim_ows(line);
    const bool single = line.find_first_of(kSeparators) == std::string_view::npos;
    while (!line.empty()) {
        const std::size_t length = std::min(line.find_first_of(kSeparators), line.size());
        const AccelExpires value = read_accel_expires(line.substr(0, length), now);
        line.remove_prefix(std::min(length + 1, line.size()));
        if (value.says == Says::Never) {
            out = value;
        } else if (value.says == Says::Until && single && out.says != Says::Never) {
            out.until = out.says == Says::Until ? std::min(out.until, value.until) : value.until;
            out.says = Says::Until;
        }
    }
}

struct Framing {
    std::optional<std::string_view> length;
    bool lengths_agree = true;
    bool has_transfer_encoding = false;

    void add_length(std::string_view value) {
        value = trim_ows(value);
        const auto size = parse_decimal<std::uint64_t>(value);
        lengths_agree =
            lengths_agree && value == length.value_or(value) && size && *size <= INT64_MAX;
        length = value;
    }

    bool is_valid() const { return lengths_agree && !(length && has_transfer_encoding); }
};

// Of several fields of one name the first counts.
void take_first_date(std::string_view value, std::int64_t now, bool& taken,
                     std::optional<std::int64_t>& out) {
    if (!std::exchange(taken, true)) {
        out = parse_http_date(trim_ows(value), now);
    }
}

}  // namespace

CachingFields collect_caching_fields(HeaderFields fields, std::int64_t now) {
    CachingFields out;
    bool has_date = false;
    bool has_last_modified = false;
    Framing framing;

    // Most fields of a response are told apart by their length alone.
    for (const auto& [name, value] : fields) {
        switch (name.size()) {
            case 3:
                if (iequals(name, "Age")) {
                    add_age(value, out);
                }
                break;
            case 4:
                if (iequals(name, "Vary")) {
                    out.vary.add(value);
                } else if (iequals(name, "ETag")) {
                    out.has_etag |= !trim_ows(value).empty();
                } else if (iequals(name, "Date")) {
                    take_first_date(value, now, has_date, out.date);
                }
                break;
            case 7:
                if (iequals(name, "Expires")) {
                    add_expires(value, now, out);
                }
                break;
            case 10:
                out.has_set_cookie |= iequals(name, "Set-Cookie");
                break;
            case 13:
                if (iequals(name, "Cache-Control")) {
                    merge_cache_control(value, out.cache_control);
                } else if (iequals(name, "Last-Modified")) {
                    take_first_date(value, now, has_last_modified, out.last_modified);
                }
                break;
            case 14:
                if (iequals(name, "Content-Length")) {
                    framing.add_length(value);
                }
                break;
            case 15:
                if (iequals(name, "X-Accel-Expires")) {
                    add_accel_expires(value, now, out.accel_expires);
                }
                break;
            case 17:
                framing.has_transfer_encoding |= iequals(name, "Transfer-Encoding");
                break;
            default:
                break;
        }
    }
    out.length_is_valid = framing.is_valid();
    return out;
}

}  // namespace mcache::http
