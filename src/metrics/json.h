#pragma once

// The figures as JSON. The names are documented and stay; more may come.

#include <string>

#include "metrics/facts.h"

namespace mcache::metrics {

std::string to_json(const Facts& facts);

}  // namespace mcache::metrics
