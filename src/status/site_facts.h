#pragma once

#include "metrics/facts.h"
#include "ngx/api.h"
#include "request/conf.h"

namespace mcache::status {

// Reads the shared memory. Views point into the configuration. False if there is none.
bool gather_facts(const request::MainConf& conf, bool with_keys, metrics::Facts& out);

// The current values as a point of the history.
History::Point make_point(const metrics::Facts& facts);

}  // namespace mcache::status
