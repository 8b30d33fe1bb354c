#pragma once

#include "ngx/api.h"

namespace mcache::module {

// mcache_status [html | json | prometheus] [keys=on | off]
char* set_status(ngx_conf_t* cf, ngx_command_t* command, void* conf);

}  // namespace mcache::module
