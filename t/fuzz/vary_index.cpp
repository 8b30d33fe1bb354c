// An index of variants: what is accepted is written again to the same bytes, stays within bounds
// when names are added, and selects a variant whose size is bounded by the request's.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/vary_index.h"
#include "fuzz/require.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view section = text_of(data, size);
    const auto index = format::decode_vary_index(section);
    if (!index) {
        return 0;
    }
    require(format::encode_vary_index(*index) == section);
    const std::vector<std::string_view> names = format::index_names(*index);
    require(!names.empty() && names.size() <= format::kMaxIndexNames);

    http::VaryNames more;
    more.add("accept-encoding, x-kind");
    const std::string united = format::united_names(*index, more);
    if (!united.empty()) {
        require(format::united_names({0, united}, more) == united);
        const auto again = format::decode_vary_index(format::encode_vary_index({1, united}));
        require(again && again->names == united);
    } else {
        require(names.size() + more.size() > format::kMaxIndexNames ||
                index->names.size() + 32 > format::kMaxIndexBytes);
    }

    const http::HeaderField fields[] = {{"Accept-Encoding", "gzip, br;q=0.5"}, {"A", "x"}};
    std::string variant;
    http::append_variant(names, fields, variant);
    require(variant.size() <= index->names.size() + names.size() + 64);
    return 0;
}
