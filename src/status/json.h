#pragma once

// The figures as JSON. The names are documented and stay; more may come.

#include <string>

#include "status/facts.h"

namespace mcache::status {

std::string to_json(const Facts& facts);

}  // namespace mcache::status
