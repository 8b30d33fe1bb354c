#include "fill/origin_response.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "http/hop_by_hop.h"
#include "http/http_date.h"
#include "http/stream.h"
#include "ngx/fields.h"
#include "ngx/upstream.h"
#include "request/context.h"
#include "request/maker.h"

namespace mcache::request {

namespace {

using format::HeaderId;
using http::Reason;

// What nginx itself makes is stored where it is content: files, redirects, and the absence of both.
bool is_content_status(ngx_uint_t status) {
    switch (status) {
        case NGX_HTTP_OK:
        case NGX_HTTP_NO_CONTENT:
        case NGX_HTTP_MOVED_PERMANENTLY:
        case NGX_HTTP_MOVED_TEMPORARILY:
        case NGX_HTTP_SEE_OTHER:
        case NGX_HTTP_TEMPORARY_REDIRECT:
        case NGX_HTTP_PERMANENT_REDIRECT:
        case NGX_HTTP_NOT_FOUND:
        case 410:  // Gone
            return true;
        default:
            return false;
    }
}

constexpr std::string_view kDefaultTargeted[] = {"CDN-Cache-Control"};

http::StoreRules store_rules(const LocationConf& conf) {
    http::StoreRules rules;
    rules.targeted = kDefaultTargeted;
    if (conf.targeted != nullptr) {
        rules.targeted = *conf.targeted;
    }
    rules.heuristic_permille = static_cast<unsigned>(conf.heuristic_permille);
    rules.heuristic_cap = conf.heuristic_cap;
    rules.keep_stale = conf.stored_format() == Format::Entry ? conf.keep_stale : 0;
    rules.store_no_cache = rules.store_stale = conf.revalidate && rules.keep_stale != 0;
    rules.windows_beside_s_maxage = true;
    if (conf.valid != nullptr) {
        rules.valid = *conf.valid;
    }
    rules.ignore.x_accel_expires = (conf.ignore_headers & kIgnoreAccelExpires) != 0;
    rules.ignore.expires = (conf.ignore_headers & kIgnoreExpires) != 0;
    rules.ignore.cache_control = (conf.ignore_headers & kIgnoreCacheControl) != 0;
    rules.ignore.set_cookie = (conf.ignore_headers & kIgnoreSetCookie) != 0;
    rules.ignore.vary = (conf.ignore_headers & kIgnoreVary) != 0;
    return rules;
}

bool is_encoded(http::HeaderFields fields) {
    return std::any_of(fields.begin(), fields.end(), [](const http::HeaderField& field) {
        return format::classify(field.name) == HeaderId::ContentEncoding && !field.value.empty();
    });
}

// Those to whom nginx sends nothing compressed, whatever they accept (ngx_http_gzip_ok()).
bool gets_nothing_compressed(const ngx_http_request_t* r) {
    return r != r->main || r->http_version < NGX_HTTP_VERSION_11;
}

bool names_encoding(const VaryIndex& index) {
    const std::vector<std::string_view> names = format::index_names(index);
    return std::find(names.begin(), names.end(), "accept-encoding") != names.end();
}

// A raw body carries neither status nor headers.
bool fits_raw_format(const Context& context, http::HeaderFields fields) {
    const ngx_http_request_t* r = context.request();
    const bool varies =
        (context.conf().ignore_headers & kIgnoreVary) == 0 && !http::parse_vary(fields).empty();
    return r->headers_out.status == NGX_HTTP_OK && !is_encoded(fields) && !varies;
}

// X-Accel-Buffering counts where it has had its effect: proxy_ignore_headers may name it.
bool may_never_end(const ngx_http_request_t* r, http::HeaderFields fields) {
    http::StreamFacts facts;
    facts.content_type = ngx::view(r->headers_out.content_type);
    facts.has_length = r->headers_out.content_length_n >= 0;
    facts.unbuffered = ngx::is_from_upstream(r) && !r->upstream->buffering;
    facts.asks_for_it = std::any_of(fields.begin(), fields.end(), [](const auto& field) {
        return iequals(field.name, "X-Accel-Buffering") && iequals(field.value, "no");
    });
    return http::is_stream(facts);
}

http::Verdict refused(Reason reason) {
    http::Verdict verdict;
    verdict.reason = reason;
    return verdict;
}

http::Verdict judge_fields(const Context& context, unsigned status, http::HeaderFields fields,
                           bool is_head) {
    const ngx_http_request_t* r = context.request();
    http::RequestFacts request;
    request.has_authorization = r->headers_in.authorization != nullptr;
    request.is_head = is_head;
    request.no_store = context.request_cache_control.no_store;
    http::ResponseFacts response;
    response.status = status;
    response.fields = fields;
    // The time that the backend took counts as nothing: a page that is slow to make would
    // otherwise never be fresh. What it lay in proxy_cache counts.
    response.request_time = response.response_time = ngx_time();
#if (NGX_HTTP_CACHE)
    if (ngx::is_from_proxy_cache(r)) {
        response.request_time = std::min<std::int64_t>(r->cache->date, response.response_time);
    }
#endif
    return http::judge_response(request, response, store_rules(context.conf()));
}

bool push_date(ngx_http_request_t* r, std::string_view name, HeaderId id, std::int64_t time,
               std::vector<format::EntryHeader>& out) {
    auto* text = static_cast<char*>(ngx_pnalloc(r->pool, http::kHttpDateLength));
    if (text == nullptr) {
        return false;
    }
    char formatted[http::kHttpDateLength];
    http::format_http_date(time, formatted);
    std::copy(std::begin(formatted), std::end(formatted), text);
    out.push_back({id, name, {text, http::kHttpDateLength}});
    return true;
}

// A handler may name the charset beside the type, as autoindex does for XML.
bool push_content_type(ngx_http_request_t* r, std::vector<format::EntryHeader>& out) {
    const auto& headers = r->headers_out;
    ngx_str_t value = headers.content_type;
    if (value.len != 0 && headers.charset.len != 0 && headers.content_type_len == value.len) {
        const std::string type(ngx::view(value));
        value = ngx::copy(r->pool, type + "; charset=" + std::string(ngx::view(headers.charset)));
        if (value.data == nullptr) {
            return false;
        }
    }
    if (value.len != 0) {
        out.push_back({HeaderId::ContentType, "Content-Type", ngx::view(value)});
    }
    return true;
}

}  // namespace

bool picked_by_encoding(const ngx_http_request_t* r) {
#if (NGX_HTTP_GZIP)
    return r->gzip_vary != 0;
#else
    return false;
#endif
}

std::vector<http::HeaderField> judged_fields(const Context& context) {
    const ngx_http_request_t* r = context.request();
    std::vector<http::HeaderField> fields = collect_fields(ngx::origin_fields(r));
    // Without gzip_vary nginx does not tell of a plain file that there is a compressed one, and a
    // script may not tell at all.
    if (picked_by_encoding(r) || (!ngx::is_from_upstream(r) &&
                                  (is_encoded(fields) || names_encoding(context.found.index)))) {
        fields.push_back({"Vary", gets_nothing_compressed(r) ? "*" : kPickedBy});
    }
    return fields;
}

http::Verdict judge(Context& context, http::HeaderFields fields) {
    ngx_http_request_t* r = context.request();
    const LocationConf& conf = context.conf();

    switch (ngx_http_test_predicates(r, conf.no_store)) {
        case NGX_OK:
            break;
        case NGX_DECLINED:
            return refused(Reason::NoStore);
        default:
            return refused(Reason::OutOfMemory);
    }
    const bool from_upstream = ngx::is_from_upstream(r);
    if (!from_upstream && !is_content_status(r->headers_out.status)) {
        return refused(Reason::Status);
    }
    if (from_upstream && r->upstream->upgrade) {
        return refused(Reason::Upgrade);
    }
    if (may_never_end(r, fields)) {
        return refused(Reason::Stream);
    }
    if (conf.stored_format() == Format::Raw && is_led_away(context)) {
        return refused(Reason::OtherLocation);
    }
    if (conf.stored_format() == Format::Raw && !fits_raw_format(context, fields)) {
        return refused(Reason::RawFormat);
    }
    if (r->headers_out.content_length_n > static_cast<off_t>(largest_body(conf))) {
        return refused(Reason::TooLarge);
    }
    return judge_fields(context, static_cast<unsigned>(r->headers_out.status), fields,
                        r->method == NGX_HTTP_HEAD);
}

http::Verdict judge_freshened(Context& context, unsigned status, http::HeaderFields fields) {
    return judge_fields(context, status, fields, false);
}

bool is_made_anew(HeaderId id) {
    return id == HeaderId::ContentLength || id == HeaderId::AcceptRanges ||
           id == HeaderId::SetCookie || id == HeaderId::ContentRange || id == HeaderId::Age;
}

StoredNames::StoredNames(const ngx_http_request_t* r, const http::FieldNames& named_in_connection)
    : named_in_connection_(named_in_connection) {
    std::vector<std::string_view> visible;
    for_each_field(r->headers_out.headers, [&](const ngx_table_elt_t& field) {
        if (field.hash != 0) {
            visible.push_back(ngx::view(field.key));
        }
    });
    visible_ = http::FieldNames(std::move(visible));
}

bool StoredNames::contains(std::string_view name) const {
    const HeaderId id = format::classify(name);
    if (http::is_hop_by_hop(name) || named_in_connection_.contains(name) || is_made_anew(id)) {
        return false;
    }
    return id == HeaderId::Date || visible_.contains(name);
}

bool collect_stored_fields(ngx_http_request_t* r, http::HeaderFields fields,
                           const http::FieldNames& named_in_connection,
                           std::vector<format::EntryHeader>& out) {
    const auto& headers = r->headers_out;
    if (!push_content_type(r, out)) {
        return false;
    }
    if (headers.last_modified == nullptr && headers.last_modified_time != -1) {
        if (!push_date(r, "Last-Modified", HeaderId::LastModified, headers.last_modified_time,
                       out)) {
            return false;
        }
    }
    bool dated = false;
    for_each_field(headers.headers, [&](const ngx_table_elt_t& field) {
        const std::string_view name = ngx::view(field.key);
        if (field.hash == 0 || http::is_hop_by_hop(name) || named_in_connection.contains(name)) {
            return;
        }
        HeaderId id = format::classify(name);
        if (is_made_anew(id)) {
            return;
        }
        if (id == HeaderId::Location && headers.location != &field) {
            id = HeaderId::Other;  // a relative one that nginx is not to make absolute
        }
        dated = dated || id == HeaderId::Date;
        out.push_back({id, name, ngx::view(field.value)});
    });
    for (const http::HeaderField& field : fields) {
        // proxy_hide_header keeps the origin's Date from the client; Age refers to it.
        if (!dated && format::classify(field.name) == HeaderId::Date) {
            dated = true;
            out.push_back({HeaderId::Date, "Date", field.value});
        }
    }
    return dated || push_date(r, "Date", HeaderId::Date, ngx_time(), out);
}

}  // namespace mcache::request
