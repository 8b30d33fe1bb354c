#pragma once

#include "ngx/api.h"

namespace mcache::request {

class Context;

// Whether the request is a purge, by mcache_purge and mcache_purge_tags. The context's purge is
// then there, or a refusal where there was no memory. Subrequests never are.
bool begin_purge(Context& context);

// The phase handler of such a request: reads what is to be purged, tells memcached, and answers
// when every server has acknowledged or failed.
ngx_int_t purge(Context& context);

}  // namespace mcache::request
