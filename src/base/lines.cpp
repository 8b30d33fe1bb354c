#include "base/lines.h"

#include <algorithm>

namespace mcache {

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        lines.push_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
    }
    return lines;
}

std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> items = split_lines(text);
    for (std::string_view& item : items) {
        item.remove_suffix(item.ends_with('\r') ? 1 : 0);
    }
    std::erase_if(items, [](std::string_view item) { return item.empty(); });
    return items;
}

}  // namespace mcache
