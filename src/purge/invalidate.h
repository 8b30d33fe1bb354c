#pragma once

#include "ngx/api.h"

namespace mcache::request {

class Context;

// An unsafe method succeeded (RFC 9111, section 4.4): where mcache_invalidate is on, removes what
// is stored of its URL, and of the same-origin URLs in Location and Content-Location.
void invalidate(Context& context);

// The request arrives: its page's key is made as that of a GET, while it can be.
void note_invalidation(Context& context);

}  // namespace mcache::request
