#include "base/authority.h"

#include <algorithm>

namespace mcache {

std::string_view authority_of(std::string_view url) {
    constexpr std::string_view kScheme = "://";
    constexpr std::string_view kSocket = "unix:";
    const std::size_t scheme = url.find(kScheme);
    if (scheme != std::string_view::npos && url.find_first_of("/?") > scheme) {
        url.remove_prefix(scheme + kScheme.size());
    }
    const std::size_t end =
        url.starts_with(kSocket) ? url.find(':', kSocket.size()) : url.find_first_of("/?");
    return url.substr(0, end);
}

}  // namespace mcache
