#pragma once

#include <string_view>

namespace mcache::memcached {

// Whether a memcached that answers `version` so has all of the meta protocol, which is from 1.6.18
// on. Numbers are compared as far as the text has them; what follows the third makes no difference.
bool speaks_meta(std::string_view version);

}  // namespace mcache::memcached
