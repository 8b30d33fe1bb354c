// A list of keys as text/plain: no item is empty or holds a line end, and the items written one a
// line are the same list.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/lines.h"
#include "fuzz/require.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    std::string joined;
    for (const std::string_view line : split_lines(text)) {
        require_inside(line, text);
        joined.append(line) += '\n';
    }
    require(joined == text || joined == std::string(text) + '\n');

    const std::vector<std::string_view> items = split_list(text);
    std::string written;
    for (const std::string_view item : items) {
        require_inside(item, text);
        require(!item.empty() && item.find('\n') == std::string_view::npos);
        written.append(item) += "\r\n";
    }
    require(split_list(written) == items);
    return 0;
}
