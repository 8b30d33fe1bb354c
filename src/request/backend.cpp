#include "request/backend.h"

#include "base/authority.h"
#include "ngx/pool.h"
#include "ngx/text.h"

namespace mcache::request {

const Backend* compile_backend(ngx_conf_t* cf, std::string_view argument) {
    auto* backend = ngx::pool_new<Backend>(cf->pool);
    const ngx_str_t text = ngx::copy(cf->pool, authority_of(argument));
    if (backend == nullptr || text.data == nullptr) {
        return nullptr;
    }
    backend->name = ngx::view(text);
    if (backend->name.find('$') == std::string_view::npos) {
        return backend;
    }
    ngx_str_t source = text;
    ngx_http_compile_complex_value_t compile{};
    compile.cf = cf;
    compile.value = &source;
    compile.complex_value = ngx::pool_array<ngx_http_complex_value_t>(cf->pool, 1);
    backend->varies = compile.complex_value;
    const bool compiled =
        backend->varies != nullptr && ngx_http_compile_complex_value(&compile) == NGX_OK;
    return compiled ? backend : nullptr;
}

bool backend_of(ngx_http_request_t* r, const Backend* backend, std::string_view& name) {
    name = backend == nullptr ? std::string_view() : backend->name;
    if (backend == nullptr || backend->varies == nullptr) {
        return true;
    }
    ngx_str_t value;
    if (ngx_http_complex_value(r, backend->varies, &value) != NGX_OK) {
        return false;
    }
    name = authority_of(ngx::view(value));
    return true;
}

}  // namespace mcache::request
