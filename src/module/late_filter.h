#pragma once

#include "ngx/api.h"

namespace mcache::request {

// A header filter behind those that the configuration works through (expires, add_header, Lua):
// what they made of a page's header is known there.
ngx_int_t install_late_filter(ngx_conf_t* cf);

}  // namespace mcache::request
