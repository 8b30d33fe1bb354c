#pragma once

// What nginx's upstream module knows of the response at hand.

#include "ngx/api.h"

namespace mcache::ngx {

// Whether a filter has changed the body, of which `had_length` says whether its length was known,
// so that nginx cuts no ranges out of it. When the header has been sent.
inline bool takes_ranges_away(const ngx_http_request_t* r, bool had_length) {
    return r == r->main &&
           (r->allow_ranges == 0 || (had_length && r->headers_out.content_length_n < 0));
}

// Whether an upstream is at work for the request: it has not been finalized.
bool upstream_runs(const ngx_http_request_t* r);

// Whether the response at hand is a hit of proxy_cache.
bool is_from_proxy_cache(const ngx_http_request_t* r);

// Whether the response at hand is the upstream's, or one that proxy_cache had of it, and not a page
// that nginx made in its place.
bool is_from_upstream(const ngx_http_request_t* r);

// Whether nothing but a record of FastCGI's says where the body ends: nginx takes the end of the
// connection for it as well, which is what comes of an application that dies. For the header
// filter.
bool ends_by_record(const ngx_http_request_t* r);
// At the end of such a body: whether the record has come.
bool record_has_ended(const ngx_http_request_t* r);

struct OriginStatus {
    ngx_uint_t status = 0;
    bool said_by_origin = false;  // otherwise nginx made it up for a backend that did not answer
};

// What the origin came to, also where error_page has put a page with another status in its place;
// `status` where no backend was asked.
OriginStatus origin_status(const ngx_http_request_t* r, ngx_uint_t status);

// The fields as the origin sent them.
const ngx_list_t& origin_fields(const ngx_http_request_t* r);

}  // namespace mcache::ngx
