#pragma once

#include "ngx/api.h"

namespace mcache::status {

// Content handler of a location with mcache_status.
ngx_int_t status_handler(ngx_http_request_t* r);

}  // namespace mcache::status
