#pragma once

#include "metrics/facts.h"
#include "ngx/api.h"
#include "request/conf.h"

namespace mcache::status {

// What the shared memory holds now. Views point into the configuration. False where there is none.
bool gather_facts(const request::MainConf& conf, bool with_keys, metrics::Facts& out);

// The figures of now as a point of the history.
History::Point make_point(const metrics::Facts& facts);

}  // namespace mcache::status
