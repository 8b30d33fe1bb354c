#pragma once

#include <string_view>

#include "format/key.h"

namespace mcache::request {

struct Pool;

// Removes a page from all servers that may have it; it outlives its request. The other servers
// record the servers that missed the removal.
void remove_copies(Pool& pool, std::string_view site, const format::Key& key);

}  // namespace mcache::request
