// Range and Content-Range: a range lies within the representation, and is read again as written.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "http/byte_range.h"

using namespace mcache::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value = text_of(data, size);
    for (const std::uint64_t total : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100},
                                      std::uint64_t{1} << 32, UINT64_MAX}) {
        for (const auto& range :
             {parse_single_range(value, total), parse_content_range(value, total)}) {
            if (!range) {
                continue;
            }
            require(range->first <= range->last && range->last < total);
            const std::string written =
                std::to_string(range->first) + "-" + std::to_string(range->last);
            require(parse_single_range("bytes=" + written, total) == range);
            require(parse_content_range("bytes " + written + "/" + std::to_string(total), total) ==
                    range);
        }
    }
    return 0;
}
