#include "fill/fill.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "fill/stamp.h"
#include "format/fill_token.h"
#include "ngx/fields.h"
#include "ngx/pool.h"
#include "ngx/upstream.h"
#include "request/client_watch.h"
#include "request/content_handler.h"
#include "request/context.h"

namespace mcache::request {

namespace {

ngx_str_t kGet = {3, ngx::bytes("GET")};
ngx_str_t kHead = {4, ngx::bytes("HEAD")};

// A backend that sees one of these may answer with less than the whole response.
constexpr std::array<std::string_view, 6> kConditions = {
    "If-Modified-Since", "If-Unmodified-Since", "If-None-Match", "If-Match", "Range", "If-Range"};

bool is_named(const ngx_table_elt_t& field, std::string_view name) {
    return iequals(ngx::view(field.key), name);
}

// Fields that the backend sees beside the client's, or in place of them.
class OwnFields {
  public:
    // The name in lower case, too. All three outlive the fill.
    void add(std::string_view name, std::string_view lowcase, std::string_view value) {
        ngx_table_elt_t& field = fields_[count_++];
        field = ngx_table_elt_t{};
        field.key = ngx::str(name);
        field.lowcase_key = ngx::bytes(lowcase);
        field.hash = ngx_hash_key(field.lowcase_key, lowcase.size());
        field.value = ngx::str(value);
    }
    const ngx_table_elt_t* begin() const { return fields_.data(); }
    const ngx_table_elt_t* end() const { return fields_.data() + count_; }
    std::size_t size() const { return count_; }

    // Whether a field of the client does not go to the backend.
    bool replaces(const ngx_table_elt_t& field) const {
        return std::any_of(kConditions.begin(), kConditions.end(),
                           [&](std::string_view name) { return is_named(field, name); }) ||
               std::any_of(begin(), end(), [&](const ngx_table_elt_t& own) {
                   return is_named(field, ngx::view(own.key));
               });
    }

  private:
    static constexpr std::size_t kMost = 3;

    std::array<ngx_table_elt_t, kMost> fields_;
    std::size_t count_ = 0;
};

// What asks the backend whether the page still stands: its own validators.
void add_validators(const Context& context, OwnFields& out) {
    bool etag = false;
    bool date = false;
    context.found.page->for_each_header([&](const format::EntryHeader& header) {
        if (header.id == format::HeaderId::ETag && !etag) {
            etag = true;
            out.add("If-None-Match", "if-none-match", header.value);
        } else if (header.id == format::HeaderId::LastModified && !date) {
            date = true;
            out.add("If-Modified-Since", "if-modified-since", header.value);
        }
    });
}

format::FillToken token_of(const Context& context) {
    return format::make_fill_token(context.key_of_page(), context.lease_of_page().cas.value_or(0));
}

void add_token(const Context& context, OwnFields& out) {
    auto* const token =
        ngx::pool_new<format::FillToken>(context.request()->pool, token_of(context));
    if (token != nullptr) {
        out.add(format::kFillField, format::kFillFieldLowcase, {token->data(), token->size()});
    }
}

// The proxying modules pass on r->headers_in.headers; r->headers_in.if_none_match and the other
// pointers, which the filters read, keep pointing to the fields that the client sent.
void replace_fields(Context& context) {
    ngx_http_request_t* r = context.request();
    OwnFields own;
    if (context.revalidating) {
        add_validators(context, own);
    }
    if (context.lease_of_page().held || context.holds_lock) {
        add_token(context, own);
    }
    ngx_uint_t count = 0;
    bool any = own.size() != 0;
    for_each_field(r->headers_in.headers, [&](const ngx_table_elt_t& field) {
        ++count;
        any = any || own.replaces(field);
    });
    if (!any) {
        return;
    }
    const ngx_uint_t room = count + own.size() + 1;
    auto* fields = ngx::pool_array<ngx_table_elt_t>(r->pool, room);
    if (fields == nullptr) {
        context.revalidating = false;
        return;
    }
    context.client_headers = r->headers_in.headers;
    context.headers_changed = true;
    ngx_uint_t n = 0;
    for_each_field(context.client_headers, [&](const ngx_table_elt_t& field) {
        if (!own.replaces(field)) {
            fields[n++] = field;
        }
    });
    for (const ngx_table_elt_t& field : own) {
        fields[n++] = field;
    }
    ngx_list_t& list = r->headers_in.headers;
    list.part.elts = fields;
    list.part.nelts = n;
    list.part.next = nullptr;
    list.last = &list.part;
    list.nalloc = room;
}

// Content handler in place of the location's own. Once it has begun, nginx watches for a client
// that closes its connection and would then end the upstream request: others want the page.
ngx_int_t fill_handler(Context& context) {
    ngx_http_request_t* r = context.request();
    const ngx_int_t rc = r->content_handler(r);
    // Before that, it may still be reading the client's body or waiting for proxy_cache's lock.
    const bool under_way = ngx::upstream_runs(r) && !r->reading_body;
    if (rc == NGX_DONE && under_way && outlives_client(r) && context.state() == State::Filling &&
        r->read_event_handler != ngx_http_block_reading) {
        context.read_handler = r->read_event_handler;
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_request_empty_handler;
    }
    return rc;
}

}  // namespace

bool is_asked_by_filler(const Context& context) {
    bool asked = false;
    for_each_field(context.request()->headers_in.headers, [&](const ngx_table_elt_t& field) {
        if (!asked && is_named(field, format::kFillField)) {
            const format::FillToken token = token_of(context);
            asked = ngx::view(field.value) == std::string_view(token.data(), token.size());
        }
    });
    return asked;
}

void begin_fill(Context& context) {
    ngx_http_request_t* r = context.request();
    context.transition(State::Filling);
    take_stamps(context);
    replace_fields(context);
    if (r->method == NGX_HTTP_HEAD && context.conf().convert_head) {
        context.converted_head = true;
        r->method = NGX_HTTP_GET;
        r->method_name = kGet;
    }
}

void run_content_as_fill(Context& context) {
    context.content.note(context.request());
    if (context.request()->content_handler != nullptr) {  // else nginx serves a file
        set_content_handler<fill_handler>(context);
    }
}

void restore_request(Context& context) {
    ngx_http_request_t* r = context.request();
    if (context.headers_changed) {
        r->headers_in.headers = context.client_headers;
        context.headers_changed = false;
    }
    if (context.converted_head) {
        r->method = NGX_HTTP_HEAD;
        r->method_name = kHead;
        context.converted_head = false;
    }
}

}  // namespace mcache::request
