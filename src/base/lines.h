#pragma once

// Lines of a text.

#include <string_view>
#include <vector>

namespace mcache {

// The lines of `text`, without the \n between them. A text that ends in one has no empty line after
// it. Views into `text`.
std::vector<std::string_view> split_lines(std::string_view text);

// One item a line, which may end in \r\n; empty lines are none.
std::vector<std::string_view> split_list(std::string_view text);

}  // namespace mcache
