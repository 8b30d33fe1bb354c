#pragma once

#include "ngx/api.h"

namespace mcache::status {

// Lets $upstream_http_* find the origin's fields on hits too. For postconfiguration.
void extend_upstream_variables(ngx_conf_t* cf);

}  // namespace mcache::status
