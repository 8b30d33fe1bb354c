#pragma once

#include "ngx/api.h"

namespace mcache::request {

class Context;

// Whether the request is a purge, by mcache_purge and mcache_purge_tags. The context then has a
// purge, or a refusal if there was no memory. Subrequests are never purges.
bool begin_purge(Context& context);

// The phase handler of a purge: reads the targets, sends the commands, and answers when every
// server has acknowledged or failed.
ngx_int_t purge(Context& context);

}  // namespace mcache::request
