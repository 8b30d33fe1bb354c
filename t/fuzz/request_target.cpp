// A target is normalised: no dot segment, no empty segment, nothing added.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "http/request_target.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view target = text_of(data, size);
    const std::string normal = normalise_target(target);
    require(normal.size() <= target.size() + 1);
    require(needs_normalisation(target) || normal == target);
    const std::string_view query = target.substr(std::min(target.find('?'), target.size()));
    require(normal.ends_with(query));
    const std::string_view path = std::string_view(normal).substr(0, normal.size() - query.size());
    require(!target.starts_with('/') || path.starts_with('/'));
    require(path.find("//") == std::string_view::npos);
    require(path.find("/./") == std::string_view::npos && !path.ends_with("/."));
    require(path.find("/../") == std::string_view::npos && !path.ends_with("/.."));
    return 0;
}
