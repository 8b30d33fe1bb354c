#include "status/status.h"

#include <openssl/evp.h>

#include <array>
#include <string>

#include "metrics/json.h"
#include "metrics/page.h"
#include "metrics/prometheus.h"
#include "ngx/fields.h"
#include "ngx/pool.h"
#include "ngx/text.h"
#include "request/conf.h"
#include "status/assets.h"
#include "status/site_facts.h"

namespace mcache::status {

namespace {

using request::LocationConf;

// One of request::StatusFormat, or 0 if the location does not have that format.
ngx_uint_t wanted_format(ngx_http_request_t* r, const LocationConf& conf) {
    ngx_str_t argument{0, nullptr};
    ngx_str_t name = ngx::str("format");
    if (ngx_http_arg(r, name.data, name.len, &argument) != NGX_OK) {
        return conf.status & -conf.status;  // the first that it has
    }
    for (const request::NamedStatusFormat& format : request::kStatusFormats) {
        if (format.name == ngx::view(argument)) {
            return conf.status & format.format;
        }
    }
    return 0;
}

// The hash of an inline script or style for Content-Security-Policy. If it is empty, the browser
// runs nothing.
std::string hash_source(std::string_view content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr) !=
        1) {
        return {};
    }
    std::array<u_char, ngx_base64_encoded_length(EVP_MAX_MD_SIZE)> text;
    ngx_str_t from{size, digest.data()};
    ngx_str_t to{0, text.data()};
    ngx_encode_base64(&to, &from);
    return " 'sha256-" + std::string(ngx::view(to)) + "'";
}

// The page needs no resources but its own JSON.
std::string_view security_policy() {
    static const std::string policy = "default-src 'none'; style-src" + hash_source(page_css()) +
                                      "; script-src" + hash_source(page_js()) +
                                      "; connect-src 'self'; img-src data:; base-uri 'none'; "
                                      "form-action 'none'; frame-ancestors 'none'";
    return policy;
}

bool push_page_fields(ngx_list_t& fields) {
    return request::push_field(fields, "Content-Security-Policy", security_policy()) != nullptr &&
           request::push_field(fields, "Referrer-Policy", "no-referrer") != nullptr;
}

ngx_int_t send(ngx_http_request_t* r, std::string_view type, const std::string& body) {
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = static_cast<off_t>(body.size());
    r->headers_out.content_type = ngx::str(type);
    r->headers_out.content_type_len = type.size();
    ngx_list_t& fields = r->headers_out.headers;
    auto* b = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (b == nullptr || request::push_field(fields, "Cache-Control", "no-store") == nullptr ||
        request::push_field(fields, "X-Content-Type-Options", "nosniff") == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    b->pos = b->start = ngx::bytes(body);
    b->last = b->end = b->pos + body.size();
    b->memory = 1;
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    ngx_chain_t out{b, nullptr};
    return ngx_http_output_filter(r, &out);
}

}  // namespace

ngx_int_t status_handler(ngx_http_request_t* r) {
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    const ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    const LocationConf& conf = request::location_conf(r);
    const ngx_uint_t format = wanted_format(r, conf);
    if (format == 0) {
        return NGX_HTTP_NOT_FOUND;
    }
    const request::MainConf& main = request::main_conf(r);
    metrics::Facts facts;
    auto* body = ngx::pool_new<std::string>(r->pool);
    if (body == nullptr || !gather_facts(main, conf.status_keys, facts)) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    switch (format) {
        case request::kStatusJson:
            *body = metrics::to_json(facts);
            return send(r, "application/json", *body);
        case request::kStatusPrometheus:
            *body = metrics::to_prometheus(facts);
            return send(r, metrics::kPrometheusType, *body);
        default:
            *body = metrics::to_page(facts, {page_html(), page_css(), page_js(),
                                             (conf.status & request::kStatusPrometheus) != 0});
            return push_page_fields(r->headers_out.headers)
                       ? send(r, "text/html; charset=utf-8", *body)
                       : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}

}  // namespace mcache::status
