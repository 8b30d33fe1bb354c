#include "module/filters.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "fill/capture.h"
#include "fill/fill.h"
#include "fill/hit_for_miss.h"
#include "fill/origin_response.h"
#include "fill/store.h"
#include "hit/hit.h"
#include "hit/part_reader.h"
#include "hit/stand_in.h"
#include "http/byte_range.h"
#include "lookup/lookup.h"
#include "ngx/fields.h"
#include "ngx/guard.h"
#include "ngx/upstream.h"
#include "purge/invalidate.h"
#include "request/cache_status_field.h"
#include "request/client_watch.h"
#include "request/context.h"
#include "request/maker.h"
#include "request/sink.h"

namespace mcache::request {

namespace {

using http::Reason;

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

// What the filters behind ours send of their own accord for the same request (addition, echo, an
// error page of xslt) enters the chain anew while ours waits for them to return, and what is sent
// when the content handler's body has ended (SSI's stub) comes after it. Neither is the content
// handler's output: it is neither stored nor dropped.
class InFilters {
  public:
    explicit InFilters(Context& context)
        : context_(context), outer_(std::exchange(context.in_filters, true)) {}
    ~InFilters() { context_.in_filters = outer_; }
    InFilters(const InFilters&) = delete;
    InFilters& operator=(const InFilters&) = delete;

  private:
    Context& context_;
    const bool outer_;
};

// ---- header ---------------------------------------------------------------------------------

// nginx's filters are to answer the client's conditions and ranges, as on a hit.
void let_filters_answer(ngx_http_request_t* r) {
    r->disable_not_modified = 0;
    prepare_conditions(r);
    // Of a response in pieces only one range can be cut out; what could do more (a file) says so.
    r->single_range = r->single_range || !r->allow_ranges;
    r->allow_ranges = 1;
    if (r->headers_out.accept_ranges != nullptr) {
        r->headers_out.accept_ranges->hash = 0;
        r->headers_out.accept_ranges = nullptr;
    }
}

// The page in place of the origin's response.
bool stand_in(Context& context, Status as, Reason why) {
    ngx_http_request_t* r = context.request();
    context.status = as;
    context.reason = why;
    context.transition(State::StandingIn);
    context.release();
    watch_client(context);
    ngx_http_clean_header(r);
    r->err_status = 0;
    return replay_page_header(context);
}

// The content handler may use these buffers again.
void consume(ngx_chain_t* in) {
    for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
        link->buf->pos = link->buf->last;
        link->buf->file_pos = link->buf->file_last;
    }
}

// What filters hold back of the body (SSI, while it waits for what is included) they never give
// back, since no more of it is handed to them: nginx would wait for these buffers to read on.
void consume_held_back(const ngx_http_request_t* r) {
    const ngx_http_upstream_t* u = r->upstream;
    if (!ngx::is_from_upstream(r)) {
        return;
    }
    consume(u->busy_bufs);
    if (u->pipe != nullptr) {
        consume(u->pipe->busy);
    }
}

// The output failed, for whatever reason: the client's connection ends with the request, and the
// fill goes on for the others.
void go_on_without_client(Context& context) {
    ngx_http_request_t* r = context.request();
    context.client_gone = true;
    r->connection->error = 1;
    r->keepalive = 0;
    consume(r->main->out);
    consume_held_back(r);
}

// Where a header is all that the client gets (HEAD, 304, 204, auth_request), content handlers would
// not read the body on. It is read for the store, and kept from the client by the body filter.
ngx_int_t send_header_and_read_on(Context& context) {
    ngx_http_request_t* r = context.request();
    const bool header_only = r->header_only;
    const ngx_int_t rc = next_header_filter(r);
    if (rc == NGX_ERROR) {
        if (!outlives_client(r)) {
            return rc;
        }
        go_on_without_client(context);
        return NGX_OK;
    }
    if (rc > NGX_OK) {
        drop_capture(context, Reason::Status);
        return rc;
    }
    if (r->header_only || header_only) {
        r->header_only = 0;
        context.header_was_all = true;
        send_body_to_sink(r);
    }
    return rc;
}

// From Filling to what becomes of the origin's response. False when there is no memory.
bool meet_origin_response(Context& context) {
    ngx_http_request_t* r = context.request();
    const bool from_origin = ngx::is_from_upstream(r);
    if (context.revalidating && from_origin && r->headers_out.status == NGX_HTTP_NOT_MODIFIED) {
        restore_request(context);
        context.reason = Reason::None;
        const bool freshened = freshen(context);
        return stand_in(context, Status::Revalidated,
                        freshened ? context.reason : Reason::OutOfMemory);
    }
    if (may_stand_in(context, ngx::origin_status(r, r->headers_out.status))) {
        restore_request(context);
        note_refusal(context, Reason::Status);
        return stand_in(context, Status::Stale, Reason::Stale);
    }
    if (context.large != nullptr) {
        context.large->let_go();
    }
    const std::vector<http::HeaderField> fields = judged_fields(context);
    const http::Verdict verdict = judge(context, fields);
    restore_request(context);
    let_filters_answer(r);
    const Reason refusal =
        verdict.storable() ? begin_capture(context, verdict, fields) : verdict.reason;
    if (refusal == Reason::None) {
        return true;
    }
    note_refusal(context, refusal);
    context.pass(context.status, refusal);
    look_for_client(context);
    return true;
}

// The size of the whole page; -1: the response does not say.
off_t size_of_page(const ngx_http_request_t* r) {
    const auto& headers = r->headers_out;
    if (headers.status == NGX_HTTP_OK) {
        return headers.content_length_n;
    }
    if (headers.status != NGX_HTTP_PARTIAL_CONTENT || headers.content_range == nullptr) {
        return -1;
    }
    const auto size = http::size_in_content_range(ngx::view(headers.content_range->value));
    return size && *size < std::numeric_limits<off_t>::max() ? static_cast<off_t>(*size) : -1;
}

// A page that was too large may not be so any more.
void note_size(const Context& context) {
    const off_t size = size_of_page(context.request());
    if (size >= 0 && size <= static_cast<off_t>(largest_body(context.conf()))) {
        context.conf().pool->too_large_pages().forget(context.key.view());
    }
}

// The range filter refuses the page. nginx's code for error pages, in whose place the page stands,
// would go on with a body; so the answer is given here, and is all.
ngx_int_t send_refusal(ngx_http_request_t* r, ngx_int_t status) {
    const ngx_int_t rc = ngx_http_special_response_handler(r, status);
    if (rc == NGX_DONE) {  // it went on to an error_page
        return NGX_ERROR;
    }
    r->header_only = 1;
    return rc;
}

ngx_int_t send_page_header(Context& context, bool for_error_page) {
    ngx_http_request_t* r = context.request();
    const ngx_int_t rc = next_header_filter(r);
    return for_error_page && rc > NGX_OK ? send_refusal(r, rc) : rc;
}

ngx_int_t header_filter(ngx_http_request_t* r) {
    Context* context = Context::find(r);
    if (context == nullptr || context->purge != nullptr) {
        return next_header_filter(r);
    }
    const bool for_error_page = r->err_status != 0;
    const bool second = context->state() == State::StandingIn;
    if (second) {
        // Of a filter's own error page, or of the content handler's for what a filter said.
        (context->in_filters ? context->page_sent : context->page_refused) = true;
    }
    const InFilters in_filters(*context);
    if (context->state() == State::Deferred) {
        give_up_page(*context);
    }
    if (context->state() == State::Capturing) {
        // A second header: the filters made an error page out of the first response.
        drop_capture(*context, Reason::Status);
    }
    if (context->state() == State::Filling && !meet_origin_response(*context)) {
        return NGX_ERROR;
    }
    if (context->state() == State::Passing && context->reason == Reason::TooLarge) {
        note_size(*context);
    }
    invalidate(*context);
    if (!add_cache_status_field(*context)) {
        return NGX_ERROR;
    }
    switch (context->state()) {
        case State::Capturing:
            return send_header_and_read_on(*context);
        case State::StandingIn:
            return send_page_header(*context, for_error_page && !second);
        default:
            return next_header_filter(r);
    }
}

// ---- body -----------------------------------------------------------------------------------

// nginx reads files in the worker just so in its copy filter.
Appended append_file(Capture& capture, ngx_buf_t* buf) {
    Appended why = Appended::Ok;
    off_t at = buf->file_pos;
    while (at < buf->file_last) {
        constexpr off_t kPiece = 64 * 1024;
        auto size = static_cast<std::size_t>(std::min(kPiece, buf->file_last - at));
        char* to = capture.reserve(size, why);
        if (to == nullptr) {
            return why;
        }
        const ssize_t n = ngx_read_file(buf->file, reinterpret_cast<u_char*>(to), size, at);
        if (n != static_cast<ssize_t>(size)) {
            capture.drop();
            return Appended::OutOfMemory;
        }
        at += n;
    }
    return why;
}

Appended append_buffer(Capture& capture, ngx_buf_t* buf) {
    if (ngx_buf_in_memory(buf)) {
        return capture.append({reinterpret_cast<const char*>(buf->pos),
                               static_cast<std::size_t>(buf->last - buf->pos)});
    }
    if (buf->in_file) {
        return append_file(capture, buf);
    }
    return Appended::Ok;
}

bool is_last(const ngx_http_request_t* r, const ngx_buf_t* buf) {
    return buf->last_buf || (r != r->main && buf->last_in_chain);
}

// Why the rest of the body is not wanted.
Reason why_dropped(Appended append) {
    switch (append) {
        case Appended::Ok:
            break;
        case Appended::TooLarge:
            return Reason::TooLarge;
        case Appended::OutOfMemory:
            return Reason::OutOfMemory;
        case Appended::Down:
            return Reason::Down;
        case Appended::Full:
            return Reason::Busy;
    }
    return Reason::None;
}

void capture_body(Context& context, ngx_chain_t* in) {
    for (ngx_chain_t* link = in; link != nullptr; link = link->next) {
        const Reason refusal = why_dropped(append_buffer(*context.capture, link->buf));
        if (refusal != Reason::None) {
            if (refusal == Reason::Busy) {
                context.client().count_dropped_store(context.lease_of_page().at.server);
            }
            note_refusal(context, refusal);
            drop_capture(context, refusal);
            return look_for_client(context);
        }
        if (is_last(context.request(), link->buf)) {
            return store(context);
        }
    }
}

// Nobody wants the rest of the body: nginx takes it for ended, so that the client's connection can
// go on.
void end_upstream(ngx_http_request_t* r) {
    ngx_http_upstream_t* u = r->upstream;
    if (!ngx::is_from_upstream(r) || u->cacheable || u->store != 0) {
        return;  // proxy_cache and proxy_store want the rest
    }
    if (u->buffering) {
        u->pipe->upstream_done = 1;
    } else {
        u->length = 0;
    }
}

// The client has all it gets: nginx has ended the response with its header. What of that has not
// been sent yet goes out around the filters, which would make a body of it.
ngx_int_t swallow(Context& context, ngx_chain_t* in) {
    ngx_http_request_t* r = context.request();
    consume(in);
    if (context.body_ended) {
        r->header_only = 1;
    } else if (context.state() != State::Capturing) {
        end_upstream(r);
    }
    const bool pending = r == r->main && r->out != nullptr && !context.client_gone;
    return pending ? ngx_http_write_filter(r, nullptr) : NGX_OK;
}

// The content handler's body is dropped, the page's is sent once.
ngx_int_t send_page(Context& context, ngx_chain_t* in) {
    ngx_http_request_t* r = context.request();
    consume(in);
    if (context.page_sent || r->header_only) {
        return in == nullptr ? next_body_filter(r, nullptr) : NGX_OK;
    }
    context.page_sent = true;
    if (context.large != nullptr) {
        context.large->begin_body();
        return context.large->push(next_body_filter);
    }
    ngx_chain_t* body = page_body(context);
    return body == nullptr ? NGX_ERROR : next_body_filter(r, body);
}

bool ends_body(const ngx_http_request_t* r, const ngx_chain_t* in) {
    for (const ngx_chain_t* link = in; link != nullptr; link = link->next) {
        if (is_last(r, link->buf)) {
            return true;
        }
    }
    return false;
}

bool is_behind_body(const Context& context, const ngx_chain_t* in) {
    const ngx_http_request_t* r = context.request();
    return in != nullptr && context.body_ended && !(context.header_was_all && r == r->main);
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
    Context* context = Context::find(r);
    if (context == nullptr || context->in_filters || is_behind_body(*context, in)) {
        return next_body_filter(r, in);
    }
    const InFilters in_filters(*context);
    context->body_ended = context->body_ended || ends_body(r, in);
    if (context->large != nullptr && context->large->sending()) {
        consume(in);
        return context->large->push(next_body_filter);
    }
    if (context->state() == State::StandingIn && !context->page_refused) {
        return send_page(*context, in);
    }
    const bool wanted = context->state() == State::Capturing;
    if (wanted) {
        capture_body(*context, in);
    }
    if (context->client_gone && !wanted) {
        return NGX_ERROR;  // nobody is left who wants the rest
    }
    if (context->client_gone || (in != nullptr && context->header_was_all)) {
        return swallow(*context, in);
    }
    const ngx_int_t rc = next_body_filter(r, in);
    if (rc == NGX_ERROR && wanted && context->state() == State::Capturing && outlives_client(r)) {
        go_on_without_client(*context);
        consume(in);
        return NGX_OK;
    }
    return rc;
}

}  // namespace

void install_filters() {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx::Guard<header_filter, NGX_ERROR>::call;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx::Guard<body_filter, NGX_ERROR>::call;
}

}  // namespace mcache::request
