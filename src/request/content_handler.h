#pragma once

// mcache's content handlers: what serves a hit, a fill, or the answer to a purge in place of the
// location's own handler. nginx copies r->content_handler to clone subrequests (the slice module,
// proxy_cache_background_update), which have no Context: so the location's handler is put back
// before ours begins, and ours is given a Context, never a request that may lack one.

#include "ngx/guard.h"
#include "request/context.h"

namespace mcache::request {

template <ngx_int_t (*Handler)(Context&)>
ngx_int_t run_as_content(ngx_http_request_t* r) {
    Context* context = Context::find(r);
    if (context == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    r->content_handler = context->content_handler;
    return Handler(*context);
}

// For the PRECONTENT phase.
template <ngx_int_t (*Handler)(Context&)>
void set_content_handler(Context& context) {
    constexpr auto kOurs =
        ngx::Guard<run_as_content<Handler>, NGX_HTTP_INTERNAL_SERVER_ERROR>::call;
    ngx_http_request_t* r = context.request();
    if (r->content_handler != kOurs) {
        context.content_handler = r->content_handler;
        r->content_handler = kOurs;
    }
}

}  // namespace mcache::request
