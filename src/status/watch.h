#pragma once

#include "request/conf.h"

namespace mcache::status {

// In the worker: where some location has mcache_status, the first worker writes the history of the
// figures and asks the memcached servers what they say of themselves, every few seconds.
void begin_watch(const request::MainConf& conf);

}  // namespace mcache::status
