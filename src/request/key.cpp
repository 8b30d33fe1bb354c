#include "request/key.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "request/context.h"

namespace mcache::request {

namespace {

bool evaluate(ngx_http_request_t* r, ngx_http_complex_value_t* value, ngx_str_t& out) {
    out = ngx_str_t{0, nullptr};
    return value == nullptr || ngx_http_complex_value(r, value, &out) == NGX_OK;
}

// What the default key's variables say, without asking nginx's script engine for each: it would
// cost a good part of the whole lookup.
bool make_default_key(ngx_http_request_t* r, ngx_str_t& out) {
    const auto& server = *static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(r, ngx_http_core_module));
    const ngx_str_t& host =
        r->headers_in.server.len != 0 ? r->headers_in.server : server.server_name;
    std::string_view scheme = "http://";
#if (NGX_HTTP_SSL)
    if (r->connection->ssl != nullptr) {
        scheme = "https://";
    }
#endif
    const std::size_t size = scheme.size() + host.len + r->unparsed_uri.len;
    out = {size, static_cast<u_char*>(ngx_pnalloc(r->pool, size))};
    if (out.data == nullptr) {
        return false;
    }
    u_char* end = ngx_cpymem(out.data, scheme.data(), scheme.size());
    end = ngx_cpymem(end, host.data, host.len);
    ngx_memcpy(end, r->unparsed_uri.data, r->unparsed_uri.len);
    return true;
}

// In a subrequest $request_uri is still the main request's.
bool is_main_requests(const ngx_http_complex_value_t& key) {
    return ngx::view(key.value).find("request_uri") != std::string_view::npos;
}

// The sizes at the end say where each piece begins, whatever bytes are in them.
bool add_own_uri(ngx_http_request_t* r, ngx_str_t& key) {
    std::string own(ngx::view(key));
    own += '\0';
    own += ngx::view(r->uri);
    own += '?';
    own += ngx::view(r->args);
    own += '\0' + std::to_string(r->uri.len) + '.' + std::to_string(r->args.len);
    key = ngx::copy(r->pool, own);
    return key.data != nullptr;
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

void forget_key_variables(Context& context) {
    forget_variables(context.request(), context.conf().key_prefix);
    forget_variables(context.request(), context.conf().key);
}

// r->uri and r->args of a target. False when there is no memory.
bool split_target(ngx_http_request_t* r, std::string_view target) {
    const std::size_t length = path_length(target);
    r->uri = ngx::copy(r->pool, target.substr(0, length));
    if (r->uri.data == nullptr) {
        return false;
    }
    u_char* from = r->uri.data;
    u_char* to = r->uri.data;
    ngx_unescape_uri(&to, &from, r->uri.len, 0);
    r->uri.len = static_cast<std::size_t>(to - r->uri.data);
    r->args = ngx::str(target.substr(std::min(length + 1, target.size())));
    return true;
}

}  // namespace

std::size_t path_length(std::string_view target) {
    return std::min(target.find('?'), target.size());
}

bool make_site(Context& context, std::string_view& site) {
    ngx_str_t prefix;
    const bool made = evaluate(context.request(), context.conf().key_prefix, prefix);
    site = ngx::view(prefix);
    return made;
}

bool make_key_again(Context& context) {
    forget_key_variables(context);
    return make_key(context);
}

bool make_key_of(Context& context, std::string_view target) {
    ngx_http_request_t* r = context.request();
    const ngx_str_t unparsed_uri = r->unparsed_uri;
    const ngx_str_t uri = r->uri;
    const ngx_str_t args = r->args;

    r->unparsed_uri = ngx::copy(r->pool, target);
    const bool made = r->unparsed_uri.data != nullptr &&
                      split_target(r, ngx::view(r->unparsed_uri)) && make_key_again(context);
    r->unparsed_uri = unparsed_uri;
    r->uri = uri;
    r->args = args;
    forget_key_variables(context);
    return made;
}

bool make_key(Context& context) {
    ngx_http_request_t* r = context.request();
    ngx_str_t prefix;
    ngx_str_t key;
    const bool made = context.conf().has_default_key ? make_default_key(r, key)
                                                     : evaluate(r, context.conf().key, key);
    if (!made || !evaluate(r, context.conf().key_prefix, prefix)) {
        return false;
    }
    const bool is_included = r != r->main && is_main_requests(*context.conf().key);
    // A subrequest whose header alone is wanted is one of auth_request: its answer is about a user,
    // whom such a key does not name.
    if (is_included && (r->header_only || !add_own_uri(r, key))) {
        return false;
    }
    context.full_key = ngx::view(key);
    context.site_size = prefix.len;
    if (prefix.len != 0) {
        auto* joined = static_cast<u_char*>(ngx_pnalloc(r->pool, prefix.len + key.len));
        if (joined == nullptr) {
            return false;
        }
        ngx_memcpy(ngx_cpymem(joined, prefix.data, prefix.len), key.data, key.len);
        context.full_key = ngx::view(ngx_str_t{prefix.len + key.len, joined});
    }
    return is_included ? entry::derive_key_of_digest(context.full_key, entry::Derived::Subrequest,
                                                     context.key)
                       : entry::make_key(context.full_key, context.key);
}

}  // namespace mcache::request
