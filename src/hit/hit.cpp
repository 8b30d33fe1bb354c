#include "hit/hit.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "fill/acting_fields.h"
#include "format/manifest.h"
#include "hit/part_reader.h"
#include "ngx/fields.h"
#include "ngx/pool.h"
#include "request/maker.h"
#include "request/stored_page.h"

namespace mcache::request {

namespace {

bool push_age(ngx_http_request_t* r, const format::EntryView& page) {
    constexpr std::size_t kDigits = 20;
    auto* text = static_cast<char*>(ngx_pnalloc(r->pool, kDigits));
    if (text == nullptr) {
        return false;
    }
    const std::int64_t age = std::max<std::int64_t>(ngx_time() - page.generated, 0);
    char* end = std::to_chars(text, text + kDigits, age).ptr;
    return push_field(r->headers_out.headers, "Age",
                      {text, static_cast<std::size_t>(end - text)}) != nullptr;
}

bool replay_entry_header(Context& context) {
    const StoredPage* page = context.found.page.stored();
    return page != nullptr && page->replay(context.request()) &&
           push_age(context.request(), *context.found.page) && obey_acting_fields(context);
}

std::string_view body_of(const Context& context) {
    return context.found.page.is_body() ? context.found.page.value()->view()
                                        : context.found.page->body;
}

std::uint64_t body_size(const Context& context) {
    format::Manifest manifest;
    return format::locate_body(*context.found.page, manifest) == format::Body::InParts
               ? manifest.total
               : body_of(context).size();
}

// RFC 9110, sections 13.1.4 and 13.2.2: not beside If-Match, nor without a date on both sides.
bool counts_unmodified_since(const ngx_http_request_t* r) {
    const ngx_str_t& since = r->headers_in.if_unmodified_since->value;
    return r->headers_in.if_match == nullptr && r->headers_out.last_modified_time != -1 &&
           ngx_parse_http_time(since.data, since.len) != NGX_ERROR;
}

}  // namespace

void prepare_conditions(ngx_http_request_t* r) {
    if (r->headers_in.if_none_match != nullptr) {
        r->headers_in.if_modified_since = nullptr;
    }
    if (r->headers_in.if_unmodified_since != nullptr && !counts_unmodified_since(r)) {
        r->headers_in.if_unmodified_since = nullptr;
    }
    const ngx_table_elt_t* if_range = r->headers_in.if_range;
    const bool weak = if_range != nullptr && ngx::view(if_range->value).starts_with("W/");
    if (weak || r->method != NGX_HTTP_GET) {
        r->headers_in.range = nullptr;
    }
}

bool replay_page_header(Context& context) {
    ngx_http_request_t* r = context.request();
    if (context.found.page.is_body()) {
        r->headers_out.status = NGX_HTTP_OK;
        if (ngx_http_set_content_type(r) != NGX_OK) {
            return false;
        }
    } else if (!replay_entry_header(context)) {
        return false;
    }
    context.page_size = body_size(context);
    // RFC 9110, section 8.6: no Content-Length beside 204.
    r->headers_out.content_length_n =
        r->headers_out.status == NGX_HTTP_NO_CONTENT ? -1 : static_cast<off_t>(context.page_size);
    r->allow_ranges = 1;
    r->single_range = r->single_range || lies_in_parts(*context.found.page);
    r->disable_not_modified = 0;
    prepare_conditions(r);
    return true;
}

namespace {

// A page in a file of memory is sent from there as nginx sends a static file, where no filter that
// follows is to read or change its bytes.
bool may_send_from_file(const Context& context) {
    const ngx_http_request_t* r = context.request();
    return context.found.page.value()->fd() != -1 && r->connection->sendfile &&
           !r->main_filter_need_in_memory && !r->filter_need_in_memory && !r->filter_need_temporary;
}

bool lay_in_file(const Context& context, std::string_view body, ngx_buf_t* b) {
    ngx_http_request_t* r = context.request();
    const Buffer& value = *context.found.page.value();
    b->file = ngx::pool_array<ngx_file_t>(r->pool, 1);
    if (b->file == nullptr) {
        return false;
    }
    b->file->fd = value.fd();
    b->file->name = ngx::str("a page in memory");
    b->file->log = r->connection->log;
    b->file_pos = value.offset_in_file() + (body.data() - value.data());
    b->file_last = b->file_pos + static_cast<off_t>(body.size());
    b->in_file = 1;
    return true;
}

}  // namespace

ngx_chain_t* page_body(Context& context) {
    ngx_http_request_t* r = context.request();
    auto* b = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    ngx_chain_t* link = ngx_alloc_chain_link(r->pool);
    if (b == nullptr || link == nullptr) {
        return nullptr;
    }
    const std::string_view body = body_of(context);
    if (!body.empty()) {
        b->pos = b->start = ngx::bytes(body);
        b->last = b->end = b->pos + body.size();
        b->memory = 1;  // other clients are sent the same bytes
        if (may_send_from_file(context) && !lay_in_file(context, body, b)) {
            return nullptr;
        }
    }
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    b->sync = body.empty() && r != r->main;
    link->buf = b;
    link->next = nullptr;
    return link;
}

void begin_hit(Context& context, Status as) {
    context.status = as;
    context.transition(State::Hit);
}

void begin_hit_at_maker(Context& context, Status as) {
    if (is_made_here(context)) {
        return begin_hit(context, as);
    }
    context.deferred_as = as;
    context.deferred_reason = std::exchange(context.reason, http::Reason::OtherLocation);
    context.status = Status::Miss;
    context.transition(State::Deferred);
}

ngx_int_t hit_handler(Context& context) {
    ngx_http_request_t* r = context.request();
    ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    if (!replay_page_header(context)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    context.page_offered = true;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    if (context.large != nullptr) {
        context.large->begin_body();
        return ngx_http_output_filter(r, nullptr);
    }
    ngx_chain_t* body = page_body(context);
    return body == nullptr ? NGX_ERROR : ngx_http_output_filter(r, body);
}

void give_up_page(Context& context) {
    const ngx_http_request_t* r = context.request();
    const bool is_page = r->err_status == 0 && r->headers_out.status == context.found.page->status;
    if (is_page && context.conf().store && context.found.result.cas != 0) {
        context.client().remove(context.lease_of_page().at.server, context.key_of_page(),
                                {.cas = context.found.result.cas, .stale_for = {}});
    }
    forget_page(context);
    context.pass(context.status, context.reason);
}

}  // namespace mcache::request
