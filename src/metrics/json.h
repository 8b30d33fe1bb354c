#pragma once

// The metrics as JSON. Names are documented and stable; new ones may be added.

#include <string>

#include "metrics/facts.h"

namespace mcache::metrics {

std::string to_json(const Facts& facts);

}  // namespace mcache::metrics
