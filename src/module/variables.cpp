#include "module/variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

#include "ngx/guard.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::status {

namespace {

using request::Context;

// A value that needs memory of its own lies here until it is copied.
struct Scratch {
    std::array<char, 32> text;

    std::string_view number(std::int64_t value) {
        char* end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
        return {text.data(), static_cast<std::size_t>(end - text.data())};
    }
};

std::string_view status(const Context& context, Scratch&) {
    return request::status_text(context.status);
}

std::string_view reason(const Context& context, Scratch&) {
    if (context.state() == request::State::Capturing && context.request()->header_sent) {
        return http::reason_text(http::Reason::Incomplete);  // its end has not come
    }
    return http::reason_text(context.reason);
}

std::string_view key(const Context& context, Scratch&) {
    return context.key.view();
}

std::string_view age(const Context& context, Scratch& scratch) {
    if (!context.serves_entry()) {
        return {};
    }
    return scratch.number(std::max<std::int64_t>(ngx_time() - context.found.page->generated, 0));
}

std::string_view ttl(const Context& context, Scratch& scratch) {
    if (context.serves_entry()) {
        return scratch.number(context.found.page->fresh_until - ngx_time());
    }
    if (context.serves_page() && context.found.result.ttl >= 0) {
        return scratch.number(context.found.result.ttl);
    }
    return {};
}

std::string_view server(const Context& context, Scratch&) {
    return context.found.result.server == nullptr ? std::string_view()
                                                  : context.found.result.server->name();
}

std::string_view lookup_time(const Context& context, Scratch& scratch) {
    if (context.found.result.server == nullptr) {
        return {};
    }
    const unsigned long time{context.found.result.lookup_time};
    const int size = std::snprintf(scratch.text.data(), scratch.text.size(), "%lu.%03lu",
                                   time / 1000, time % 1000);
    return {scratch.text.data(), static_cast<std::size_t>(size)};
}

// Also where nothing was looked up, as for a key.
std::string_view backend(const Context& context, Scratch&) {
    std::string_view name;
    request::backend_of(context.request(), context.conf().backend, name);
    return name;
}

std::string_view local(const Context& context, Scratch&) {
    return context.serves_page() && context.found.result.local ? "1" : "";
}

using Read = std::string_view (*)(const Context&, Scratch&);

struct Variable {
    std::string_view name;
    Read read;
};

constexpr std::array kVariables = {Variable{"mcache_status", status},
                                   Variable{"mcache_reason", reason},
                                   Variable{"mcache_key", key},
                                   Variable{"mcache_age", age},
                                   Variable{"mcache_ttl", ttl},
                                   Variable{"mcache_server", server},
                                   Variable{"mcache_lookup_time", lookup_time},
                                   Variable{"mcache_local", local},
                                   Variable{"mcache_backend", backend}};

ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t data) {
    Scratch scratch;
    const Context* context = Context::find(r);
    const std::string_view text =
        context == nullptr ? std::string_view() : kVariables[data].read(*context, scratch);
    const ngx_str_t copied = ngx::copy(r->pool, text);
    if (copied.data == nullptr && !text.empty()) {
        return NGX_ERROR;
    }
    *value = ngx_http_variable_value_t{};
    value->valid = !text.empty();
    value->not_found = text.empty();
    value->len = static_cast<unsigned>(copied.len) & 0xFFFFFFF;
    value->data = copied.data;
    return NGX_OK;
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf) {
    for (std::size_t i = 0; i < kVariables.size(); ++i) {
        ngx_str_t name = ngx::str(kVariables[i].name);
        // They change while a request goes its way.
        ngx_http_variable_t* variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = ngx::Guard<get_variable, NGX_ERROR>::call;
        variable->data = i;
    }
    return NGX_OK;
}

}  // namespace mcache::status
