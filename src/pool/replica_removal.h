#pragma once

#include <string_view>

#include "format/key.h"

namespace mcache::request {

struct Pool;

// Removes a page wherever it may be, without the request that asked for it. Of servers that could
// not be told the others will know that they missed it.
void remove_copies(Pool& pool, std::string_view site, const format::Key& key);

}  // namespace mcache::request
