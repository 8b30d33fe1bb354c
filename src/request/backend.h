#pragma once

// Which backend a location passes requests to, as proxy_pass or one of its kin names it: host and
// port, without scheme and path, what $proxy_host says. Known before the request is passed on.

#include <string_view>

#include "ngx/api.h"

namespace mcache::request {

struct Backend {
    std::string_view name;                       // where it is always the same one,
    ngx_http_complex_value_t* varies = nullptr;  // or a text that says which
};

// Of the directive's argument; null when there is no memory.
const Backend* compile_backend(ngx_conf_t* cf, std::string_view argument);

// Empty where the location passes requests to nobody. False when there is no memory.
bool backend_of(ngx_http_request_t* r, const Backend* backend, std::string_view& name);

}  // namespace mcache::request
