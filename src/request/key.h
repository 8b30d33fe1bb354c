#pragma once

namespace mcache::request {

class Context;

// Evaluates mcache_key_prefix and mcache_key into the context's full_key and key. False when the
// result is empty, does not tell one request from another, or there is no memory.
bool make_key(Context& context);

}  // namespace mcache::request
