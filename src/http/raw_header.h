#pragma once

#include <string_view>
#include <vector>

namespace mcache::http {

// The values of all fields of this name in an HTTP/1 header as it came over the wire. Views into
// it.
std::vector<std::string_view> values_in(std::string_view header, std::string_view name);

}  // namespace mcache::http
