#pragma once

#include <cstddef>
#include <string_view>

namespace mcache::request {

class Context;

// Evaluates mcache_key_prefix and mcache_key into the context's full_key and key. False when the
// result is empty, does not tell one request from another, or there is no memory.
bool make_key(Context& context);

// The same when it has been made before, and what it is made of may be another by now.
bool make_key_again(Context& context);

// The key of a request with this target (RFC 9112, section 3.2.1) in place of the context's own.
bool make_key_of(Context& context, std::string_view target);

// mcache_key_prefix alone. False when there is no memory.
bool make_site(Context& context, std::string_view& site);

// Of a target: what precedes the query.
std::size_t path_length(std::string_view target);

}  // namespace mcache::request
