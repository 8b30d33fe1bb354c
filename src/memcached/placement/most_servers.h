#pragma once

#include <cstddef>

namespace mcache::memcached {

// libmemcached has room for no more in a ring, and ends the process instead of saying so
// (MEMCACHED_CONTINUUM_SIZE).
inline constexpr std::size_t kMostServers = 100;

}  // namespace mcache::memcached
