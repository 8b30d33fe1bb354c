#pragma once

#include <optional>
#include <string_view>

#include "ngx/api.h"
#include "request/conf.h"

namespace mcache::module {

// server address [weight=] [max_fails=] [fail_timeout=] [resolve], in an mcache_pool block.
char* read_server(ngx_conf_t* cf, request::Pool& pool);

// Empty: it is no time.
std::optional<ngx_msec_t> parse_milliseconds(std::string_view text);

// When all of http{} is read: finds the resolver of pools with `resolve`. NGX_ERROR, and said why,
// where there is none.
ngx_int_t find_resolver(ngx_conf_t* cf, request::Pool& pool);

}  // namespace mcache::module
