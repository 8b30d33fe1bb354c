#pragma once

// May this response be stored, and for how long is it fresh? RFC 9111, sections 3 and 4.2, with
// nginx's rules where nginx has one: X-Accel-Expires, Set-Cookie, proxy_cache_valid, and the
// stale-while-revalidate window that also covers errors.
//
// Order of precedence: X-Accel-Expires, the first valid targeted field, Cache-Control, Expires,
// mcache_valid, the heuristic. X-Accel-Expires replaces what the others say of storing and
// freshness (their stale-* windows stay, as in nginx); it does not lift Set-Cookie, Vary and
// Authorization.
//
// After a 304: judge the stored fields updated by those of the 304, with the stored status and the
// times of the 304.

#include <cstdint>
#include <span>
#include <string_view>

#include "http/header_field.h"
#include "http/reason.h"

namespace mcache::http {

// One mcache_valid in order of configuration; the first that matches decides.
struct ValidRule {
    std::int64_t seconds = 0;  // 0: not stored
    unsigned status = 0;       // 0: any
};

// mcache_ignore_headers. A field named here neither permits nor forbids anything.
struct IgnoredFields {
    bool cache_control = false;
    bool expires = false;
    bool set_cookie = false;
    bool vary = false;
    bool x_accel_expires = false;
};

struct StoreRules {
    std::span<const ValidRule> valid;
    IgnoredFields ignore;

    // Names of targeted fields (RFC 9213), most specific first, e.g. "CDN-Cache-Control".
    std::span<const std::string_view> targeted;

    // Heuristic freshness in thousandths of Date minus Last-Modified (RFC 9111, section 4.2.2),
    // never more than the cap in seconds. 0 permille: off.
    unsigned heuristic_permille = 0;
    std::int64_t heuristic_cap = 86400;

    // Seconds that an entry is kept past its freshness for revalidation and stale use.
    std::int64_t keep_stale = 0;

    // Store a no-cache response that has a validator, never fresh; needs keep_stale.
    bool store_no_cache = false;

    // Store a response that is stale on arrival if it has a validator; needs keep_stale.
    bool store_stale = false;

    // RFC 9111, section 4.2.4, lets s-maxage forbid every stale use. With this a window that the
    // response grants beside s-maxage stands all the same, as in nginx and most CDNs.
    bool windows_beside_s_maxage = false;
};

struct RequestFacts {
    bool has_authorization = false;
    bool is_head = false;   // HEAD towards the origin: no body to store
    bool no_store = false;  // the request's own no-store, where request directives are honoured
};

struct ResponseFacts {
    unsigned status = 0;
    HeaderFields fields;  // as the origin sent them, all lines
    // When the origin was asked; a cache on the way may have been answered long ago.
    std::int64_t request_time = 0;
    std::int64_t response_time = 0;
};

struct Verdict {
    Reason reason = Reason::None;  // None: store it

    // The times below are set for a storable response only.
    std::int64_t generated = 0;    // age = now - generated (RFC 9111, section 4.2.3)
    std::int64_t fresh_until = 0;  // fresh while now < fresh_until

    // Past this nobody has a use for the entry: the end of freshness, of the windows and of
    // keep_stale. Always later than response_time.
    std::int64_t keep_until = 0;

    // Windows in seconds past fresh_until that the response itself grants; 0: none.
    std::int64_t stale_while_revalidate = 0;
    std::int64_t stale_if_error = 0;

    // must-revalidate, proxy-revalidate, s-maxage, no-cache: no stale use by configuration or by
    // the request; a window above is the response's own exception.
    bool must_revalidate = false;

    bool has_validator = false;  // an ETag or a Last-Modified that is a date

    bool storable() const { return reason == Reason::None; }
};

Verdict judge_response(const RequestFacts& request, const ResponseFacts& response,
                       const StoreRules& rules);

}  // namespace mcache::http
