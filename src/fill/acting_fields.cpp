#include "fill/acting_fields.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/integer.h"
#include "format/origin_fields.h"
#include "http/raw_header.h"
#include "ngx/fields.h"
#include "ngx/pool.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::request {

namespace {

using format::EntryHeader;
using format::HeaderId;

constexpr std::string_view kLocation = "Location";
constexpr std::string_view kRefresh = "Refresh";

bool may_be_rewritten(HeaderId id) {
    return id == HeaderId::Location || id == HeaderId::Refresh;
}

bool may_be_rewritten(std::string_view name) {
    return iequals(name, kLocation) || iequals(name, kRefresh);
}

// ---- on a fill --------------------------------------------------------------------------------

// The header that is received, or was when proxy_cache stored it.
std::string_view received_header(const ngx_http_request_t* r) {
    const ngx_buf_t& buffer = r->upstream->buffer;
    std::string_view header(reinterpret_cast<const char*>(buffer.start),
                            static_cast<std::size_t>(buffer.pos - buffer.start));
#if (NGX_HTTP_CACHE)
    if (r->cache != nullptr) {  // its own header lies before it
        header.remove_prefix(std::min(r->cache->header_start, header.size()));
    }
#endif
    return header;
}

// The proxy module rewrites a value where it lies.
void keep_as_received(const ngx_http_request_t* r, HeaderId id, std::string_view name,
                      std::vector<EntryHeader>& kept) {
    for (const std::string_view value : http::values_in(received_header(r), name)) {
        kept.push_back({id, name, value});
    }
}

// ---- on a hit -----------------------------------------------------------------------------------

bool set_charset(ngx_http_request_t* r, std::string_view charset) {
    auto* name = ngx::pool_array<ngx_str_t>(r->pool, 1);
    if (name != nullptr) {
        *name = ngx::str(charset);
        r->headers_out.override_charset = name;
    }
    return name != nullptr;
}

void set_limit_rate(ngx_http_request_t* r, std::string_view rate) {
    if (const auto bytes = parse_decimal<std::size_t>(rate)) {
        r->limit_rate = *bytes;
        r->limit_rate_set = 1;
    }
}

// Where `proxy_pass_header Server` passed on that there was none, nginx has a field that is not
// sent.
bool has_no_server(const ngx_http_request_t* r) {
    return r->headers_out.server != nullptr && r->headers_out.server->hash == 0;
}

bool send_no_server(ngx_http_request_t* r) {
    auto* field = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (field != nullptr) {
        *field = ngx_table_elt_t{};
        r->headers_out.server = field;
    }
    return field != nullptr;
}

// The rules of proxy_redirect are known to the proxy module alone, which gives them to the upstream
// that its content handler makes. The handler runs here up to the point where nginx would connect:
// a request with `aio` set is not gone on with there. What it changes is put back at the end.
class ProxyRules {
  public:
    explicit ProxyRules(ngx_http_request_t* r)
        : r_(r),
          upstream_(std::exchange(r->upstream, nullptr)),
          proxy_(r->ctx, r->ctx + ngx_http_max_module),
          state_(r->state),
          aio_(r->aio),
          discard_body_(r->discard_body),
          no_buffering_(r->request_body_no_buffering) {
#if (NGX_HTTP_CACHE)
        cache_ = r->cache;
#endif
        r->aio = 1;
        r->discard_body = 1;  // nor is the body read
        if (r->content_handler(r) == NGX_DONE) {
            --r->main->count;
        }
        r->aio = aio_;
        r->discard_body = discard_body_;
    }
    ProxyRules(const ProxyRules&) = delete;
    ProxyRules& operator=(const ProxyRules&) = delete;
    ~ProxyRules() {
        std::copy(proxy_.begin(), proxy_.end(), r_->ctx);
        r_->upstream = upstream_;
        r_->state = state_;
        r_->request_body_no_buffering = no_buffering_;
#if (NGX_HTTP_CACHE)
        r_->cache = cache_;
#endif
    }

    bool known() const {
        return r_->upstream != nullptr;
    }

  private:
    ngx_http_request_t* r_;
    ngx_http_upstream_t* upstream_;
    std::vector<void*> proxy_;
    ngx_uint_t state_;
    unsigned aio_;
    unsigned discard_body_;
    unsigned no_buffering_;
#if (NGX_HTTP_CACHE)
    ngx_http_cache_t* cache_;
#endif
};

void take_back(ngx_http_request_t* r, std::string_view name) {
    for_each_field(r->headers_out.headers, [&](ngx_table_elt_t& field) {
        if (iequals(ngx::view(field.key), name)) {
            field.hash = 0;
        }
    });
}

// As nginx's upstream code does with the field of a response: by its own function.
bool copy_as_upstream(ngx_http_request_t* r, const EntryHeader& header) {
    const std::string terminated(header.value);  // which nginx relies on
    const ngx_str_t value = ngx::copy(r->pool, {terminated.c_str(), terminated.size() + 1});
    const ngx_str_t lowcase = ngx::copy(r->pool, header.name);
    if (value.data == nullptr || lowcase.data == nullptr) {
        return false;
    }
    ngx_strlow(lowcase.data, lowcase.data, lowcase.len);
    ngx_table_elt_t field{};
    field.hash = ngx_hash_key(lowcase.data, lowcase.len);
    field.key = ngx::str(header.name);
    field.lowcase_key = lowcase.data;
    field.value = {header.value.size(), value.data};
    auto* conf = static_cast<ngx_http_upstream_main_conf_t*>(
        ngx_http_get_module_main_conf(r, ngx_http_upstream_module));
    const auto* known = static_cast<ngx_http_upstream_header_t*>(
        ngx_hash_find(&conf->headers_in_hash, field.hash, lowcase.data, lowcase.len));
    return known != nullptr && known->copy_handler(r, &field, known->conf) == NGX_OK;
}

bool rewrite(Context& context, std::span<const EntryHeader> fields) {
    ngx_http_request_t* r = context.request();
    if (r->content_handler == nullptr || r->content_handler != main_conf(r).proxy_handler) {
        return true;  // as it was rewritten for the request that fetched it
    }
    const ProxyRules rules(r);
    if (!rules.known()) {
        return false;
    }
    for (const EntryHeader& field : fields) {
        if (!may_be_rewritten(field.id)) {
            continue;
        }
        take_back(r, field.name);
        if (field.id == HeaderId::Location) {
            r->headers_out.location = nullptr;
        }
    }
    return std::all_of(fields.begin(), fields.end(), [r](const EntryHeader& field) {
        return !may_be_rewritten(field.id) || copy_as_upstream(r, field);
    });
}

}  // namespace

std::vector<EntryHeader> fields_to_keep(const ngx_http_request_t* r, http::HeaderFields fields,
                                        std::span<const EntryHeader> sent,
                                        const http::FieldNames& named) {
    std::vector<EntryHeader> kept = format::fields_not_sent(fields, sent, named);
    if (r->upstream->rewrite_redirect != nullptr &&
        std::any_of(fields.begin(), fields.end(),
                    [](const http::HeaderField& field) { return may_be_rewritten(field.name); })) {
        std::erase_if(kept, [](const EntryHeader& field) { return may_be_rewritten(field.id); });
        keep_as_received(r, HeaderId::Location, kLocation, kept);
        keep_as_received(r, HeaderId::Refresh, kRefresh, kept);
    }
    return kept;
}

std::uint32_t acting_fields(const ngx_http_request_t* r, std::span<const EntryHeader> kept) {
    const ngx_uint_t ignored = r->upstream->conf->ignore_headers;
    std::uint32_t acting = has_no_server(r) ? format::kNoServer : 0;
    for (const EntryHeader& field : kept) {
        if (field.id == HeaderId::XAccelCharset &&
            (ignored & NGX_HTTP_UPSTREAM_IGN_XA_CHARSET) == 0) {
            acting |= format::kAccelCharset;
        } else if (field.id == HeaderId::XAccelLimitRate &&
                   (ignored & NGX_HTTP_UPSTREAM_IGN_XA_LIMIT_RATE) == 0) {
            acting |= format::kAccelLimitRate;
        } else if (may_be_rewritten(field.id) && r->upstream->rewrite_redirect != nullptr) {
            acting |= format::kRewrites;
        }
    }
    return acting;
}

bool obey_acting_fields(Context& context) {
    const std::uint32_t acting = context.found.page->attributes & format::kActing;
    if (acting == 0) {
        return true;
    }
    ngx_http_request_t* r = context.request();
    if ((acting & format::kStatusLine) != 0) {
        r->headers_out.status_line = ngx::str(format::status_line(*context.found.page));
    }
    if ((acting & format::kNoServer) != 0 && !send_no_server(r)) {
        return false;
    }
    const auto fields = format::origin_fields(*context.found.page);
    if (!fields) {
        return true;
    }
    for (const EntryHeader& field : *fields) {
        if (field.id == HeaderId::XAccelCharset && (acting & format::kAccelCharset) != 0) {
            if (!set_charset(r, field.value)) {
                return false;
            }
        } else if (field.id == HeaderId::XAccelLimitRate &&
                   (acting & format::kAccelLimitRate) != 0) {
            set_limit_rate(r, field.value);
        }
    }
    return (acting & format::kRewrites) == 0 || rewrite(context, *fields);
}

}  // namespace mcache::request
