#include "purge/invalidate.h"

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/reference.h"
#include "ngx/fields.h"
#include "ngx/upstream.h"
#include "pool/replica_removal.h"
#include "request/context.h"
#include "request/counters.h"
#include "request/key.h"

namespace mcache::request {

namespace {

// RFC 9110, section 9.2.1. Unknown methods count as unsafe.
bool is_safe(const ngx_http_request_t* r) {
    constexpr ngx_uint_t kSafe =
        NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_PROPFIND | NGX_HTTP_TRACE;
    return (r->method & kSafe) != 0;
}

bool may_invalidate(const Context& context) {
    return context.conf().invalidate && !is_safe(context.request());
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

void remove_page(Context& context, std::string_view site, const format::Key& key) {
    context.conf().pool->note_purge(site);
    tally<metrics::Worker::Purges>("method");
    if (context.client().options().keeps_copies()) {
        remove_copies(*context.conf().pool, site, key);
    } else {
        context.client().remove_everywhere(key.view());
    }
}

bool is_target_of_response(const http::HeaderField& field) {
    return iequals(field.name, "Location") || iequals(field.name, "Content-Location");
}

// Of COPY and MOVE (RFC 4918, section 10.3).
bool is_target_of_request(const http::HeaderField& field) {
    return iequals(field.name, "Destination");
}

// URLs in the response besides the request's own, and targets of WebDAV methods.
std::vector<std::string> further_targets(ngx_http_request_t* r) {
    const ngx_table_elt_t* host = r->headers_in.host;
    const Target base{own_scheme(r), host == nullptr ? std::string_view() : ngx::view(host->value),
                      ngx::view(r->unparsed_uri)};
    std::vector<std::string> targets;
    const auto add = [&](const http::HeaderField& field) {
        if (std::string target = same_origin_target(base, field.value); !target.empty()) {
            targets.push_back(std::move(target));
        }
    };
    for (const http::HeaderField& field : collect_fields(ngx::origin_fields(r))) {
        if (is_target_of_response(field)) {
            add(field);
        }
    }
    if ((r->method & (NGX_HTTP_COPY | NGX_HTTP_MOVE)) != 0) {
        for (const http::HeaderField& field : collect_fields(r->headers_in.headers)) {
            if (is_target_of_request(field)) {
                add(field);
            }
        }
    }
    return targets;
}

}  // namespace

void note_invalidation(Context& context) {
    if (may_invalidate(context) && !make_key_of_get(context)) {
        context.key = format::Key();
    }
}

void invalidate(Context& context) {
    ngx_http_request_t* r = context.request();
    if (!may_invalidate(context) || !succeeded(r->headers_out.status)) {
        return;
    }
    if (!context.key.view().empty()) {
        remove_page(context, context.site(), context.key);
    }
    const std::vector<std::string> targets = further_targets(r);
    if (targets.empty()) {
        return;
    }
    TargetKeys keys(context, context.site(), context.key_in_site());
    for (const std::string& target : targets) {
        PageKey page;
        if (keys.can_tell() && keys.make(target, page)) {
            remove_page(context, page.site(), page.key);
        } else {
            ngx_log_error(
                NGX_LOG_WARN, r->connection->log, 0,
                "mcache: \"%s\" of the response or Destination is not invalidated: "
                "its key is unknown, because mcache_key contains a variable of \"set\" or a "
                "capture",
                target.c_str());
        }
    }
}

}  // namespace mcache::request
