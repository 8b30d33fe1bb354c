#include "ngx/upstream.h"

#include "ngx/text.h"

namespace mcache::ngx {

bool upstream_runs(const ngx_http_request_t* r) {
    return r->upstream != nullptr && r->upstream->cleanup != nullptr;
}

bool is_from_proxy_cache(const ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
    return r->cached && r->cache != nullptr && r->upstream != nullptr &&
           r->upstream->headers_in.status_n == r->headers_out.status;
#else
    return false;
#endif
}

bool is_from_upstream(const ngx_http_request_t* r) {
    return upstream_runs(r) || is_from_proxy_cache(r);
}

bool ends_by_record(const ngx_http_request_t* r) {
    return upstream_runs(r) && !is_from_proxy_cache(r) &&
           view(r->upstream->schema) == "fastcgi://" && r->headers_out.content_length_n < 0;
}

bool record_has_ended(const ngx_http_request_t* r) {
    const ngx_http_upstream_t* u = r->upstream;
    return u->buffering ? u->pipe->upstream_done : u->length == 0;
}

OriginStatus origin_status(const ngx_http_request_t* r, ngx_uint_t status) {
    if (is_from_upstream(r)) {
        return {r->headers_out.status, true};
    }
    const ngx_http_upstream_t* u = r->upstream;
    if (u == nullptr || u->state == nullptr || u->headers_in.x_accel_redirect != nullptr) {
        return {status, false};
    }
    // A header that broke off or was invalid leaves a status line that no longer counts.
    return {u->state->status, u->state->status == u->headers_in.status_n};
}

const ngx_list_t& origin_fields(const ngx_http_request_t* r) {
    return is_from_upstream(r) ? r->upstream->headers_in.headers : r->headers_out.headers;
}

}  // namespace mcache::ngx
