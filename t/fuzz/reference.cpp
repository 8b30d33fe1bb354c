// Location and Content-Location: what is taken for this origin's is a target without dot segments
// and fragment, and naming it again names the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "http/reference.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view reference = text_of(data, size);
    for (const std::string_view scheme : {"http", "https"}) {
        for (const std::string_view path : {"/", "/a/b/c?d=/../e", "/a/./b/../c"}) {
            const Target base{scheme, "example.org:8080", path};
            const std::string target = same_origin_target(base, reference);
            if (target.empty()) {
                continue;
            }
            require(target.front() == '/' && target.find('#') == std::string::npos);
            const std::string_view plain = std::string_view(target).substr(0, target.find('?'));
            require(plain.find("/./") == std::string_view::npos && !plain.ends_with("/."));
            require(plain.find("/../") == std::string_view::npos && !plain.ends_with("/.."));
            const std::string absolute = std::string(scheme) + "://example.org:8080" + target;
            require(same_origin_target(base, absolute) == target);
            require(same_origin_target({scheme, "example.com", path}, absolute).empty());
        }
    }
    return 0;
}
