#pragma once

#include <string_view>

#include "ngx/api.h"
#include "request/conf.h"

namespace mcache::module {

// The pool of this name, made when it is named for the first time.
request::Pool& pool_by_name(request::MainConf& conf, std::string_view name);

// mcache_pool name { ... }
char* read_pool_block(ngx_conf_t* cf, ngx_command_t* command, void* conf);

}  // namespace mcache::module
