#pragma once

#include "ngx/upstream.h"

namespace mcache::request {

class Context;

// The page may be served although it is stale, since this is what the origin came to.
bool may_stand_in(const Context& context, ngx::OriginStatus origin);

}  // namespace mcache::request
