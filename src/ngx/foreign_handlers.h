#pragma once

// Handlers of nginx's own modules, which have no name outside their files. They are found when the
// configuration is read: the module is let do its part on a configuration that nobody uses.

#include "ngx/api.h"

namespace mcache::ngx {

// The content handler of locations with proxy_pass; null where this nginx has none.
ngx_http_handler_pt find_proxy_handler(ngx_conf_t* cf);

// What sends mirror requests, in the PRECONTENT phase; likewise.
ngx_http_handler_pt find_mirror_handler(ngx_conf_t* cf);

}  // namespace mcache::ngx
