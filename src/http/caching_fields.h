#pragma once

// What the fields of a response say of caching, collected in one pass.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/cache_control.h"
#include "http/header_field.h"
#include "http/vary.h"

namespace mcache::http {

// X-Accel-Expires. nginx: seconds from now, 0 for never, or @ and an absolute time; anything else
// is not there. Of several values the earliest counts, and a 0 wherever it stands.
struct AccelExpires {
    enum class Says : std::uint8_t { Nothing, Never, Until };

    Says says = Says::Nothing;
    std::int64_t until = 0;  // Until: Unix time
};

struct CachingFields {
    CacheControl cache_control;
    VaryNames vary;

    // First lines; empty where the field is absent or no HTTP-date.
    std::optional<std::int64_t> date;
    std::optional<std::int64_t> last_modified;

    // The earliest of several Expires lines; one that is no HTTP-date makes them all invalid.
    bool has_expires = false;
    std::optional<std::int64_t> expires;

    // The first member of the first Age line; 0 where that is no number of seconds (RFC 9111,
    // section 5.1).
    std::int64_t age = 0;
    bool has_age = false;

    AccelExpires accel_expires;

    // Content-Length is a number, the same in each line, and no Transfer-Encoding says otherwise
    // (RFC 9112, section 6.3), or is not there. nginx 1.22 passes on what is not so.
    bool length_is_valid = true;

    bool has_set_cookie = false;
    bool has_etag = false;
};

// `now` is for the two-digit years of rfc850 dates and for X-Accel-Expires.
CachingFields collect_caching_fields(HeaderFields fields, std::int64_t now);

}  // namespace mcache::http
