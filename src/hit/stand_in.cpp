#include "hit/stand_in.h"

#include "ngx/upstream.h"
#include "request/context.h"

namespace mcache::request {

bool may_stand_in(const Context& context, ngx::OriginStatus origin) {
    const ngx_uint_t status = origin.status;
    if (!context.found.page.is_entry()) {
        return false;
    }
    const std::int64_t staleness = ngx_time() - context.found.page->fresh_until;
    const bool server_error =
        status == NGX_HTTP_INTERNAL_SERVER_ERROR || status == NGX_HTTP_BAD_GATEWAY ||
        status == NGX_HTTP_SERVICE_UNAVAILABLE || status == NGX_HTTP_GATEWAY_TIME_OUT;
    if (server_error && staleness < context.found.page->stale_if_error) {
        return true;
    }
    const bool may_configured = (context.found.page->attributes & format::kMustRevalidate) == 0 &&
                                staleness < context.conf().keep_stale;
    if (!may_configured) {
        return false;
    }
    ngx_uint_t wanted = 0;
    switch (status) {
        case NGX_HTTP_INTERNAL_SERVER_ERROR:
            wanted = kUseStale500;
            break;
        case NGX_HTTP_BAD_GATEWAY:
            wanted = origin.said_by_origin ? kUseStale502 : kUseStaleError | kUseStaleInvalidHeader;
            break;
        case NGX_HTTP_SERVICE_UNAVAILABLE:
            wanted = kUseStale503;
            break;
        case NGX_HTTP_GATEWAY_TIME_OUT:
            wanted = origin.said_by_origin ? kUseStale504 : kUseStaleTimeout;
            break;
        case NGX_HTTP_FORBIDDEN:
            wanted = kUseStale403;
            break;
        case NGX_HTTP_NOT_FOUND:
            wanted = kUseStale404;
            break;
        case NGX_HTTP_TOO_MANY_REQUESTS:
            wanted = kUseStale429;
            break;
        default:
            break;
    }
    return (context.conf().use_stale & wanted) != 0;
}

}  // namespace mcache::request
