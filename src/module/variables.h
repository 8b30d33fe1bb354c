#pragma once

#include "ngx/api.h"

namespace mcache::status {

// $mcache_status, $mcache_reason, $mcache_key, $mcache_age, $mcache_ttl, $mcache_server and
// $mcache_lookup_time. Each is empty where there is nothing to say.
ngx_int_t add_variables(ngx_conf_t* cf);

}  // namespace mcache::status
