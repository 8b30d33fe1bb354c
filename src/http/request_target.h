#pragma once

// The target of a request as a person would write it, for patterns that are to match however a
// client spells a URL. Source: RFC 3986, section 6.2.2.

#include <string>
#include <string_view>

namespace mcache {

// Whether `target` may read differently once it is normalised. False for what clients usually send.
bool needs_normalisation(std::string_view target);

// Path and query: %XX in the path decoded, runs of slashes merged, dot segments taken out; the
// query stays as it is. An escape that is none stays as it is, and so does %00.
std::string normalise_target(std::string_view target);

}  // namespace mcache
