#include "request/cache_status_field.h"

#include "http/cache_status.h"
#include "ngx/fields.h"
#include "request/context.h"

namespace mcache::request {

bool add_cache_status_field(Context& context) {
    if (!context.conf().cache_status) {
        return true;
    }
    constexpr std::size_t kRoom = 512;
    ngx_http_request_t* r = context.request();
    http::CacheStatus status;
    const http::Reason forwarded =
        context.miss_reason == http::Reason::None ? context.reason : context.miss_reason;
    if (context.serves_entry()) {
        status.ttl = context.found.page->fresh_until - ngx_time();
    }
    if (context.state() != State::Hit) {
        status.forward = http::forward_for(forwarded);
    } else if (context.collapsed) {
        status.forward = http::Forward::UriMiss;
        status.collapsed = true;
    }
    if (context.status == Status::Revalidated) {
        status.forward_status = NGX_HTTP_NOT_MODIFIED;
    }
    status.stored = context.state() == State::Capturing ||
                    (context.status == Status::Revalidated && context.reason == http::Reason::None);
    status.key = context.key.view();
    status.detail = http::reason_text(context.reason);
    auto* room = static_cast<char*>(ngx_pnalloc(r->pool, kRoom));
    return room != nullptr &&
           push_field(r->headers_out.headers, "Cache-Status",
                      http::format_cache_status(status, {room, kRoom})) != nullptr;
}

}  // namespace mcache::request
