#pragma once

namespace mcache::request {

class Context;

// Adds this cache's member to the Cache-Status response field (RFC 9211), where mcache_cache_status
// is on. False when there is no memory.
bool add_cache_status_field(Context& context);

}  // namespace mcache::request
