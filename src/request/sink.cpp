#include "request/sink.h"

#include "ngx/guard.h"
#include "ngx/pool.h"
#include "ngx/upstream.h"

namespace mcache::request {

namespace {

// In place of the client's connection: always ready for more.
struct Sink {
    ngx_connection_t connection;
    ngx_event_t write;
    ngx_int_t (*init)(void* data);  // the content handler's, which ours stands in front of
    void* init_data;
};

// nginx calls this when it has prepared the pipe, and before it reads.
ngx_int_t attach(void* data) {
    auto* const sink = static_cast<Sink*>(data);
    auto* const r = static_cast<ngx_http_request_t*>(sink->connection.data);
    ngx_event_pipe_t* pipe = r->upstream->pipe;
    pipe->input_ctx = sink->init_data;
    pipe->downstream = &sink->connection;
    return sink->init == nullptr ? NGX_OK : sink->init(sink->init_data);
}

// proxy_cache and proxy_store store what is buffered, and that alone.
bool may_buffer(const ngx_http_upstream_t& u) {
    return u.conf->change_buffering && !u.cacheable && u.store == 0;
}

}  // namespace

void send_body_to_sink(ngx_http_request_t* r) {
    ngx_http_upstream_t* u = r->upstream;
    if (!ngx::upstream_runs(r) || u->pipe == nullptr || !(u->buffering || may_buffer(*u))) {
        return;
    }
    auto* const sink = ngx::pool_array<Sink>(r->pool, 1);
    if (sink == nullptr) {
        return;
    }
    sink->connection.fd = static_cast<ngx_socket_t>(-1);
    sink->connection.data = r;
    sink->connection.log = r->connection->log;
    sink->connection.write = &sink->write;
    sink->write.data = &sink->connection;
    sink->write.ready = 1;
    sink->init = u->input_filter_init;
    sink->init_data = u->pipe->input_ctx;
    u->buffering = 1;
    u->pipe->input_ctx = sink;
    u->input_filter_init = ngx::Guard<attach, NGX_ERROR>::call;
}

}  // namespace mcache::request
