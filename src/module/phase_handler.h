#pragma once

#include "ngx/api.h"

namespace mcache::request {

// PRECONTENT phase handler: after rewrite, access, auth and limit_req, before content.
ngx_int_t lookup_handler(ngx_http_request_t* r);

}  // namespace mcache::request
