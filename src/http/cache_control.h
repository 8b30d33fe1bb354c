#pragma once

// The directives of Cache-Control (RFC 9111, section 5.2; RFC 5861; RFC 8246), in responses and in
// requests, and of the targeted fields of RFC 9213.
//
// Reading what a sender got wrong, after RFC 9111, section 4.2.1: the most restrictive reading.
//  - a value that is no delta-seconds (max-age=a, max-age=1.5, max-age) is stale: 0. A window
//    (stale-*) becomes 0, a max-stale is taken back, a min-fresh becomes the largest number.
//  - a directive given several times with different values: the most restrictive of them.
//  - a directive with trailing garbage counts if it restricts (no-store x) and is dropped if it
//    permits (public x). Restricting directives in the garbage count, too (public; no-store), but
//    not those in the well-formed quoted string of an extension.
//  - a quoted number is a number; members that nobody knows are skipped, with commas that are
//    inside quotes; a quote that is never closed does not hide the members after it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/header_field.h"

namespace mcache::http {

// What a number of seconds saturates to (RFC 9111, section 1.2.2).
constexpr std::int64_t kMaxDeltaSeconds = 2147483648;

struct CacheControl {
    bool present = false;  // the field was there, whatever it said

    bool no_store = false;
    bool no_cache = false;         // in either form
    bool no_cache_fields = false;  // only in the form that names fields: no-cache="Set-Cookie"
    bool is_private = false;       // in either form
    bool private_fields = false;   // only in the form that names fields
    bool is_public = false;
    bool must_revalidate = false;
    bool proxy_revalidate = false;
    bool must_understand = false;
    bool immutable = false;
    bool no_transform = false;
    bool only_if_cached = false;
    bool max_stale_any = false;  // max-stale without a value: any staleness

    // Seconds, 0 to kMaxDeltaSeconds.
    std::optional<std::int64_t> max_age;
    std::optional<std::int64_t> s_maxage;
    std::optional<std::int64_t> stale_while_revalidate;
    std::optional<std::int64_t> stale_if_error;
    std::optional<std::int64_t> max_stale;
    std::optional<std::int64_t> min_fresh;

    // RFC 9111, section 3.5: what lets a shared cache store the answer to an authorized request.
    bool permits_authorized() const { return is_public || must_revalidate || s_maxage.has_value(); }
};

// delta-seconds: all of `text` is digits; saturates at kMaxDeltaSeconds. Empty when it is not.
std::optional<std::int64_t> parse_delta_seconds(std::string_view text);

// Adds one field line to what earlier lines said. Linear in the length of the line.
void merge_cache_control(std::string_view line, CacheControl& merged);

// All lines of `field_name` together.
CacheControl parse_cache_control(HeaderFields fields,
                                 std::string_view field_name = "Cache-Control");

// A request's directives: Cache-Control, or where there is no such line `Pragma: no-cache`
// (RFC 9111, section 5.4).
CacheControl parse_request_cache_control(HeaderFields request);

// A targeted field, e.g. CDN-Cache-Control, read strictly as an RFC 8941 dictionary. Empty when it
// is absent, empty or not one: then it must be ignored (RFC 9213, section 2.1). Parameters that are
// named as a restricting directive restrict.
std::optional<CacheControl> parse_targeted_cache_control(HeaderFields fields,
                                                         std::string_view field_name);

}  // namespace mcache::http
