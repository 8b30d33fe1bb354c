#pragma once

// What proxy_pass and its kin name in each location. nginx leaves that to their modules, and tells
// nobody before the request is passed on, which is too late for a key. So while the configuration
// is read their directives are noted, and then set as ever: see request/backend.h.

#include "ngx/api.h"

namespace mcache::module {

// Before the http block is read. Its directives "..._pass" are noted until end_noting_passes().
ngx_int_t begin_noting_passes(ngx_conf_t* cf);
void end_noting_passes();

}  // namespace mcache::module
