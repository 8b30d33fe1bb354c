#pragma once

#include "ngx/api.h"

namespace mcache::request {

class Context;

// An unsafe method succeeded (RFC 9111, section 4.4): with mcache_invalidate on, removes the pages
// of its URL, and of the same-origin URLs in Location and Content-Location.
void invalidate(Context& context);

// Called when the request arrives, while the key that a GET would have can still be computed.
void note_invalidation(Context& context);

}  // namespace mcache::request
