#include "request/key.h"

#include <string>
#include <string_view>

#include "request/context.h"

namespace mcache::request {

namespace {

bool evaluate(ngx_http_request_t* r, ngx_http_complex_value_t* value, ngx_str_t& out) {
    out = ngx_str_t{0, nullptr};
    return value == nullptr || ngx_http_complex_value(r, value, &out) == NGX_OK;
}

// In a subrequest $request_uri is still the main request's.
bool is_main_requests(const ngx_http_complex_value_t& key) {
    return ngx::view(key.value).find("request_uri") != std::string_view::npos;
}

bool add_own_uri(ngx_http_request_t* r, ngx_str_t& key) {
    std::string own(ngx::view(key));
    own += '\0';
    own += ngx::view(r->uri);
    own += '?';
    own += ngx::view(r->args);
    key = ngx::copy(r->pool, own);
    return key.data != nullptr;
}

}  // namespace

bool make_key(Context& context) {
    ngx_http_request_t* r = context.request();
    ngx_str_t prefix;
    ngx_str_t key;
    if (!evaluate(r, context.conf().key_prefix, prefix) || !evaluate(r, context.conf().key, key)) {
        return false;
    }
    if (r != r->main && is_main_requests(*context.conf().key)) {
        // A subrequest whose header alone is wanted is one of auth_request: its answer is about a
        // user, whom such a key does not name.
        if (r->header_only || !add_own_uri(r, key)) {
            return false;
        }
    }
    context.full_key = ngx::view(key);
    if (prefix.len != 0) {
        auto* joined = static_cast<u_char*>(ngx_pnalloc(r->pool, prefix.len + key.len));
        if (joined == nullptr) {
            return false;
        }
        ngx_memcpy(ngx_cpymem(joined, prefix.data, prefix.len), key.data, key.len);
        context.full_key = ngx::view(ngx_str_t{prefix.len + key.len, joined});
    }
    return entry::make_key(context.full_key, context.key);
}

}  // namespace mcache::request
