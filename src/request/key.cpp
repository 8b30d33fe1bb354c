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

// What the default key's variables say, without asking nginx's script engine for each: it would
// cost a good part of the whole lookup.
// `backend` is empty where the key need not name it.
bool make_default_key(ngx_http_request_t* r, std::string_view backend, ngx_str_t& out) {
    const auto& server = *static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(r, ngx_http_core_module));
    const ngx_str_t& host =
        r->headers_in.server.len != 0 ? r->headers_in.server : server.server_name;
    constexpr std::string_view kEnd = "://";
    std::string_view scheme = "http";
#if (NGX_HTTP_SSL)
    if (r->connection->ssl != nullptr) {
        scheme = "https";
    }
#endif
    const std::size_t named = backend.empty() ? 0 : 1 + backend.size();
    const std::size_t size = scheme.size() + named + kEnd.size() + host.len + r->unparsed_uri.len;
    out = {size, static_cast<u_char*>(ngx_pnalloc(r->pool, size))};
    if (out.data == nullptr) {
        return false;
    }
    u_char* end = ngx_cpymem(out.data, scheme.data(), scheme.size());
    if (!backend.empty()) {
        *end++ = '+';
        end = ngx_cpymem(end, backend.data(), backend.size());
    }
    end = ngx_cpymem(end, kEnd.data(), kEnd.size());
    end = ngx_cpymem(end, host.data, host.len);
    ngx_memcpy(end, r->unparsed_uri.data, r->unparsed_uri.len);
    return true;
}

// In a subrequest $request_uri is still the main request's, and what nginx has evaluated for that
// one stays. So a key that would be another one for a request of this target on its own is not the
// subrequest's alone.
bool names_subrequest(ngx_http_request_t* r, const LocationConf& conf, std::string_view key) {
    if (conf.has_default_key) {
        return false;
    }
    if (conf.key->lengths == nullptr) {
        return true;
    }
    ngx_str_t own;
    ScratchVariables variables(r);
    return !names_assigned(r, *conf.key) && variables.ask_for_itself() &&
           evaluate(r, conf.key, own) && !variables.missed_assigned() && ngx::view(own) == key;
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

// The backend counts for the default key alone.
bool evaluate_key(ngx_http_request_t* r, const LocationConf& conf, std::string_view& backend,
                  ngx_str_t& out) {
    if (!conf.has_default_key) {
        return evaluate(r, conf.key, out);
    }
    // A raw body does not say who made it.
    const bool names = conf.stored_format() == Format::Raw && conf.pool->has_several_origins;
    return backend_of(r, conf.origin, backend) &&
           make_default_key(r, names ? backend : std::string_view(), out);
}

bool join(ngx_http_request_t* r, const ngx_str_t& prefix, const ngx_str_t& key, PageKey& out) {
    out.full = ngx::view(key);
    out.site_size = prefix.len;
    if (prefix.len != 0) {
        auto* joined = static_cast<u_char*>(ngx_pnalloc(r->pool, prefix.len + key.len));
        if (joined == nullptr) {
            return false;
        }
        ngx_memcpy(ngx_cpymem(joined, prefix.data, prefix.len), key.data, key.len);
        out.full = ngx::view(ngx_str_t{prefix.len + key.len, joined});
    }
    return true;
}

}  // namespace

bool make_site(Context& context, std::string_view& site) {
    ngx_str_t prefix;
    const bool made = evaluate(context.request(), context.conf().key_prefix, prefix);
    site = ngx::view(prefix);
    return made;
}

bool make_key(Context& context) {
    ngx_http_request_t* r = context.request();
    const LocationConf& conf = context.conf();
    ngx_str_t prefix;
    ngx_str_t key;
    if (!evaluate_key(r, conf, context.backend, key) || !evaluate(r, conf.key_prefix, prefix)) {
        return false;
    }
    const bool is_included = r != r->main && !names_subrequest(r, conf, ngx::view(key));
    // A subrequest whose header alone is wanted is one of auth_request: its answer is about a user,
    // whom such a key does not name.
    if (is_included && (r->header_only || !add_own_uri(r, key))) {
        return false;
    }
    PageKey made;
    if (!join(r, prefix, key, made)) {
        return false;
    }
    context.full_key = made.full;
    context.site_size = made.site_size;
    return is_included ? format::derive_key_of_digest(context.full_key, format::Derived::Subrequest,
                                                      context.key)
                       : format::make_key(context.full_key, context.key);
}

bool make_key_of_get(Context& context) {
    const ScratchVariables variables(context.request());
    return make_key(context);
}

TargetKeys::TargetKeys(Context& context, std::string_view site, std::string_view own_key)
    : request_(context.request()), conf_(context.conf()), site_(site), variables_(request_) {
    can_tell_ = conf_.has_default_key || evaluates_to(conf_.key, own_key);
    site_is_fixed_ = conf_.key_prefix != nullptr && !evaluates_to(conf_.key_prefix, site);
}

// Whether a text says of the request's own target, evaluated anew, what it has said.
bool TargetKeys::evaluates_to(ngx_http_complex_value_t* text, std::string_view expected) {
    ngx_str_t value;
    return !names_assigned(request_, *text) &&
           variables_.ask_for(ngx::view(request_->unparsed_uri)) &&
           evaluate(request_, text, value) && !variables_.missed_assigned() &&
           ngx::view(value) == expected;
}

bool TargetKeys::make(std::string_view target, PageKey& out) {
    ngx_http_request_t* r = request_;
    ngx_str_t prefix = ngx::str(site_);
    ngx_str_t key;
    std::string_view backend;
    return variables_.ask_for(target) && evaluate_key(r, conf_, backend, key) &&
           (site_is_fixed_ || evaluate(r, conf_.key_prefix, prefix)) && join(r, prefix, key, out) &&
           format::make_key(out.full, out.key);
}

}  // namespace mcache::request
