#include "request/invalidate.h"

#include <string>

#include "base/reference.h"
#include "base/text.h"
#include "request/context.h"
#include "request/fields.h"
#include "request/key.h"
#include "request/origin_response.h"
#include "request/removal_of_copies.h"
#include "request/tally.h"

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

void remove_page(Context& context) {
    context.conf().pool->note_purge(context.site());
    tally<metrics::Worker::Purges>(kPurgedByMethod);
    if (context.client().options().keeps_copies()) {
        remove_copies(*context.conf().pool, context.site(), context.key);
    } else {
        context.client().remove_everywhere(context.key.view());
    }
}

}  // namespace

void invalidate(Context& context) {
    ngx_http_request_t* r = context.request();
    if (!context.conf().invalidate || is_safe(r) || !succeeded(r->headers_out.status)) {
        return;
    }
    const ngx_table_elt_t* host = r->headers_in.host;
    const Target base{own_scheme(r), host == nullptr ? std::string_view() : ngx::view(host->value),
                      ngx::view(r->unparsed_uri)};
    for (const policy::HeaderField& field : collect_fields(origin_fields(r))) {
        if (!iequals(field.name, "Location") && !iequals(field.name, "Content-Location")) {
            continue;
        }
        const std::string target = same_origin_target(base, field.value);
        if (!target.empty() && make_key_of(context, target)) {
            remove_page(context);
        }
    }
    if (make_key_again(context)) {
        remove_page(context);
    }
}

}  // namespace mcache::request
