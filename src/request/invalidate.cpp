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

void remove_page(Context& context) {
    context.client().remove(context.key.view());
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
        const std::string target = same_origin_target(r, field.value);
        if (!target.empty() && make_key_of(context, target)) {
            remove_page(context);
        }
    }
    if (make_key_again(context)) {
        remove_page(context);
    }
}

}  // namespace mcache::request
