#pragma once

#include "request/journey.h"

namespace mcache::request {

class Context;

// From the key to a decision: asks memcached, waits where others are filling, and leaves the
// context in State::Hit, Filling or Passing.
Journey look_up(Context& context);

// A request that is not to be answered from the cache, but whose response is stored over what is
// there now. memcached is asked for that alone: what comes after, a purge say, stands.
Journey fill_over(Context& context);

}  // namespace mcache::request
