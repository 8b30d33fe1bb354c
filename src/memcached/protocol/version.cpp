#include "memcached/protocol/version.h"

#include <algorithm>

#include "base/integer.h"

namespace mcache::memcached {

bool speaks_meta(std::string_view version) {
    for (const unsigned wanted : {1U, 6U, 18U}) {
        const std::size_t digits =
            std::min(version.find_first_not_of("0123456789"), version.size());
        const auto part = parse_decimal<unsigned>(version.substr(0, digits));
        if (!part) {
            return false;
        }
        if (*part != wanted) {
            return *part > wanted;
        }
        version.remove_prefix(std::min(digits + 1, version.size()));
    }
    return true;
}

}  // namespace mcache::memcached
