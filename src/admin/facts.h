#pragma once

#include "ngx/api.h"
#include "request/conf.h"
#include "status/facts.h"

namespace mcache::admin {

// What the shared memory holds now. Views point into the configuration. False where there is none.
bool gather_facts(const request::MainConf& conf, bool with_keys, status::Facts& out);

// The figures of now as a point of the history.
History::Point make_point(const status::Facts& facts);

}  // namespace mcache::admin
