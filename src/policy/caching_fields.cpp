#include "policy/caching_fields.h"

#include <algorithm>

#include "base/integer.h"
#include "base/text.h"
#include "policy/http_date.h"

namespace mcache::policy {
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
                } else if (iequals(name, "Date") && !has_date) {
                    has_date = true;
                    out.date = parse_http_date(trim_ows(value), now);
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
                } else if (iequals(name, "Last-Modified") && !has_last_modified) {
                    has_last_modified = true;
                    out.last_modified = parse_http_date(trim_ows(value), now);
                }
                break;
            case 14:
                if (iequals(name, "Content-Length")) {
                    framing.add_length(value);
                }
                break;
            case 15:
                if (iequals(name, "X-Accel-Expires") && !out.accel_expires) {
                    out.accel_expires = trim_ows(value);
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

}  // namespace mcache::policy
