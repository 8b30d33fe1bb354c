#pragma once

#include "request/conf.h"

namespace mcache::status {

// If any location has mcache_status, the first worker writes the history of the metrics every few
// seconds, and requests `stats` from the memcached servers.
void begin_watch(const request::MainConf& conf);

}  // namespace mcache::status
