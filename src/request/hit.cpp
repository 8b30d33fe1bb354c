#include "request/hit.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "entry/manifest.h"
#include "request/fields.h"
#include "request/large_hit.h"

namespace mcache::request {

namespace {

using entry::HeaderId;

// As nginx does with the Content-Type of a proxied response: the type itself is what gzip_types and
// the like compare, the charset what the charset filter looks at.
void set_content_type(ngx_http_request_t* r, std::string_view value) {
    r->headers_out.content_type = ngx::str(value);
    r->headers_out.content_type_len = value.size();
    r->headers_out.content_type_lowcase = nullptr;
    for (std::size_t semicolon = value.find(';'); semicolon != std::string_view::npos;
         semicolon = value.find(';', semicolon + 1)) {
        std::string_view parameter = trim_ows(value.substr(semicolon + 1));
        constexpr std::string_view kCharset = "charset=";
        if (iequals(parameter.substr(0, kCharset.size()), kCharset)) {
            parameter.remove_prefix(kCharset.size());
            if (parameter.starts_with('"')) {
                parameter.remove_prefix(1);
            }
            if (parameter.ends_with('"')) {
                parameter.remove_suffix(1);
            }
            r->headers_out.content_type_len = semicolon;
            r->headers_out.charset = ngx::str(parameter);
            return;
        }
    }
}

// Cache-Control may come on several lines; nginx 1.23 made a list of what was an array.
bool note_cache_control(ngx_http_request_t* r, ngx_table_elt_t* field) {
#if nginx_version >= 1023000
    ngx_table_elt_t** last = &r->headers_out.cache_control;
    while (*last != nullptr) {
        last = &(*last)->next;
    }
    *last = field;
    field->next = nullptr;
    return true;
#else
    ngx_array_t& lines = r->headers_out.cache_control;
    if (lines.elts == nullptr &&
        ngx_array_init(&lines, r->pool, 1, sizeof(ngx_table_elt_t*)) != NGX_OK) {
        return false;
    }
    auto** line = static_cast<ngx_table_elt_t**>(ngx_array_push(&lines));
    if (line == nullptr) {
        return false;
    }
    *line = field;
    return true;
#endif
}

// Puts a stored field back to where nginx's filters look for it.
bool replay(ngx_http_request_t* r, const entry::EntryView& page, const entry::EntryHeader& header) {
    if (header.id == HeaderId::ContentType) {
        set_content_type(r, header.value);
        return true;
    }
    ngx_table_elt_t* field = push_field(r->headers_out.headers, header.name, header.value);
    if (field == nullptr) {
        return false;
    }
    switch (header.id) {
        case HeaderId::LastModified:
            r->headers_out.last_modified = field;
            r->headers_out.last_modified_time = page.last_modified;
            return true;
        case HeaderId::ETag:
            r->headers_out.etag = field;
            return true;
        case HeaderId::Location:
            r->headers_out.location = field;
            return true;
        case HeaderId::CacheControl:
            return note_cache_control(r, field);
        case HeaderId::Expires:
            r->headers_out.expires = field;
            return true;
        case HeaderId::Date:
            r->headers_out.date = field;
            return true;
        case HeaderId::Server:
            r->headers_out.server = field;
            return true;
        case HeaderId::ContentEncoding:
            r->headers_out.content_encoding = field;
            return true;
        case HeaderId::WwwAuthenticate:
            r->headers_out.www_authenticate = field;
            return true;
        default:
            return true;
    }
}

bool push_age(ngx_http_request_t* r, const entry::EntryView& page) {
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

bool replay_entry_header(ngx_http_request_t* r, const entry::EntryView& page) {
    r->headers_out.status = page.status;
    bool replayed = true;
    page.for_each_header(
        [&](const entry::EntryHeader& header) { replayed = replayed && replay(r, page, header); });
    return replayed && push_age(r, page);
}

std::string_view body_of(const Context& context) {
    return context.raw_page ? context.answer.value->view() : context.page.body;
}

std::uint64_t body_size(const Context& context) {
    entry::Manifest manifest;
    return entry::locate_body(context.page, manifest) == entry::Body::InParts
               ? manifest.total
               : body_of(context).size();
}

}  // namespace

void prepare_conditions(ngx_http_request_t* r) {
    if (r->headers_in.if_none_match != nullptr) {
        r->headers_in.if_modified_since = nullptr;
    }
    const ngx_table_elt_t* if_range = r->headers_in.if_range;
    const bool weak = if_range != nullptr && ngx::view(if_range->value).starts_with("W/");
    if (weak || r->method != NGX_HTTP_GET) {
        r->headers_in.range = nullptr;
    }
}

bool replay_page_header(Context& context) {
    ngx_http_request_t* r = context.request();
    if (context.raw_page) {
        r->headers_out.status = NGX_HTTP_OK;
        if (ngx_http_set_content_type(r) != NGX_OK) {
            return false;
        }
    } else if (!replay_entry_header(r, context.page)) {
        return false;
    }
    r->headers_out.content_length_n = static_cast<off_t>(body_size(context));
    r->allow_ranges = 1;
    r->single_range = r->single_range || lies_in_parts(context.page);
    r->disable_not_modified = 0;
    prepare_conditions(r);
    return true;
}

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

ngx_int_t hit_handler(ngx_http_request_t* r) {
    Context& context = *Context::find(r);
    ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    if (!replay_page_header(context)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
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

}  // namespace mcache::request
