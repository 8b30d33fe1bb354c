#include "request/invalidate.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "request/context.h"
#include "request/fields.h"
#include "request/key.h"
#include "request/origin_response.h"

namespace mcache::request {

namespace {

// RFC 9110, section 9.2.1. A method that nobody knows may do anything.
bool is_safe(const ngx_http_request_t* r) {
    constexpr ngx_uint_t kSafe =
        NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_PROPFIND | NGX_HTTP_TRACE;
    return (r->method & kSafe) != 0;
}

bool succeeded(ngx_uint_t status) {
    return status >= NGX_HTTP_OK && status < NGX_HTTP_BAD_REQUEST;
}

std::string_view own_scheme(const ngx_http_request_t* r) {
#if (NGX_HTTP_SSL)
    if (r->connection->ssl != nullptr) {
        return "https";
    }
#else
    static_cast<void>(r);
#endif
    return "http";
}

std::size_t path_length(std::string_view target) {
    return std::min(target.find('?'), target.size());
}

// RFC 3986, section 5.2.4, for a target that begins with a slash.
std::string without_dot_segments(std::string_view target) {
    std::string_view path = target.substr(0, path_length(target));
    const std::string_view query = target.substr(path.size());
    std::string out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        const bool up = segment == "/..";
        if (!up && segment != "/.") {
            out += segment;
            continue;
        }
        if (up) {
            out.resize(out.empty() ? 0 : out.rfind('/'));
        }
        if (path.empty()) {
            out += '/';
        }
    }
    out += query;
    return out;
}

// The target of a request for what a reference names (RFC 3986, section 5.2); empty where that is
// another origin's.
std::string same_origin_target(const ngx_http_request_t* r, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    const std::size_t colon = reference.find_first_of(":/?");
    if (colon != std::string_view::npos && reference[colon] == ':') {
        if (!iequals(reference.substr(0, colon), own_scheme(r)) ||
            !reference.substr(colon + 1).starts_with("//")) {
            return {};
        }
        reference.remove_prefix(colon + 1);
    }
    if (reference.starts_with("//")) {
        reference.remove_prefix(2);
        const std::string_view authority = reference.substr(0, reference.find_first_of("/?"));
        if (r->headers_in.host == nullptr || authority.empty() ||
            !iequals(authority, ngx::view(r->headers_in.host->value))) {
            return {};
        }
        reference.remove_prefix(authority.size());
        return without_dot_segments((reference.starts_with('/') ? "" : "/") +
                                    std::string(reference));
    }
    std::string_view base = ngx::view(r->unparsed_uri);
    base = base.substr(0, path_length(base));
    if (reference.starts_with('/')) {
        base = {};
    } else if (!reference.empty() && !reference.starts_with('?')) {
        base = base.substr(0, base.rfind('/') + 1);
    }
    const std::string target = std::string(base) + std::string(reference);
    return target.starts_with('/') ? without_dot_segments(target) : std::string();
}

// nginx remembers a variable's value for the whole request.
void forget_variables(ngx_http_request_t* r, const ngx_http_complex_value_t* value) {
    if (value == nullptr || value->flushes == nullptr) {
        return;
    }
    for (const ngx_uint_t* index = value->flushes; *index != static_cast<ngx_uint_t>(-1); ++index) {
        r->variables[*index].valid = 0;
        r->variables[*index].not_found = 0;
    }
}

void remove_page(Context& context) {
    ngx_http_request_t* r = context.request();
    forget_variables(r, context.conf().key_prefix);
    forget_variables(r, context.conf().key);
    if (make_key(context)) {
        context.client().remove(context.key.view());
    }
}

// The key is made as for a request with this target.
void remove_page_of(Context& context, std::string_view target) {
    ngx_http_request_t* r = context.request();
    const ngx_str_t unparsed_uri = r->unparsed_uri;
    const ngx_str_t uri = r->uri;
    const ngx_str_t args = r->args;

    r->unparsed_uri = ngx::copy(r->pool, target);
    if (r->unparsed_uri.data == nullptr) {
        r->unparsed_uri = unparsed_uri;
        return;
    }
    const std::string_view kept = ngx::view(r->unparsed_uri);
    const std::size_t length = path_length(kept);
    r->uri = ngx::copy(r->pool, kept.substr(0, length));
    if (r->uri.data != nullptr) {
        u_char* from = r->uri.data;
        u_char* to = r->uri.data;
        ngx_unescape_uri(&to, &from, r->uri.len, 0);
        r->uri.len = static_cast<std::size_t>(to - r->uri.data);
        r->args = ngx::str(kept.substr(std::min(length + 1, kept.size())));
        remove_page(context);
    }

    r->unparsed_uri = unparsed_uri;
    r->uri = uri;
    r->args = args;
}

}  // namespace

void invalidate(Context& context) {
    ngx_http_request_t* r = context.request();
    if (!context.conf().invalidate || is_safe(r) || !succeeded(r->headers_out.status)) {
        return;
    }
    for (const policy::HeaderField& field : collect_fields(origin_fields(r))) {
        if (!iequals(field.name, "Location") && !iequals(field.name, "Content-Location")) {
            continue;
        }
        if (const std::string target = same_origin_target(r, field.value); !target.empty()) {
            remove_page_of(context, target);
        }
    }
    remove_page(context);
}

}  // namespace mcache::request
