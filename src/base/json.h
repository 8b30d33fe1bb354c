#pragma once

// The subset of JSON (RFC 8259) that purges need: parses an array of strings, writes strings.

#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace mcache {

// Parses the whole text as an array of strings in UTF-8. Invalid: it is anything else, or has more
// than `max_strings`. `out` is only meaningful after Ok.
Parse parse_string_array(std::string_view text, std::size_t max_strings,
                         std::vector<std::string>& out);

// Appends the text in quotes. Bytes that are not UTF-8 become the code points of the same numbers,
// so the output is always valid.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mcache
