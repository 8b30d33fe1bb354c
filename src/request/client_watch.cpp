#include "request/client_watch.h"

#include "ngx/upstream.h"
#include "request/context.h"

namespace mcache::request {

bool outlives_client(const ngx_http_request_t* r) {
    return r->main->limit_conn_status == 0;
}

void watch_client(Context& context) {
    ngx_http_request_t* r = context.request();
    if (context.read_handler != nullptr && ngx::upstream_runs(r) &&
        r->read_event_handler == ngx_http_block_reading) {
        r->read_event_handler = context.read_handler;
    }
    context.read_handler = nullptr;
}

void look_for_client(Context& context) {
    ngx_http_request_t* r = context.request();
    const ngx_connection_t& c = *r->connection;
    const bool may_have_left = c.error || c.read->ready || c.read->pending_eof;
    if (may_have_left && ngx::is_from_upstream(r) &&
        r->read_event_handler != ngx_http_block_reading) {
        ngx_post_event(c.read, &ngx_posted_events);
    }
}

}  // namespace mcache::request
