#pragma once

// References of a response's Location and Content-Location (RFC 3986, section 5).

#include <string>
#include <string_view>

namespace mcache {

// Where a request went.
struct Target {
    std::string_view scheme;  // "http" or "https"
    std::string_view host;    // as Host has it, with a port where that has one; empty: none
    std::string_view target;  // path and query
};

// The request target that `reference` names in answer to a request for `base`, without dot segments
// and without a fragment. Empty where it is another origin's, or no target.
std::string same_origin_target(const Target& base, std::string_view reference);

}  // namespace mcache
