#pragma once

// The little JSON (RFC 8259) that purges speak: an array of strings comes in, strings go out.

#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace mcache {

// All of `text` as an array of strings, which become UTF-8. Invalid: it is anything else, or has
// more than `max_strings`. `out` is only meaningful after Ok.
Parse parse_string_array(std::string_view text, std::size_t max_strings,
                         std::vector<std::string>& out);

// Appends the text in quotes. Bytes that are not UTF-8 are said as the code points of the same
// numbers: what comes out is legal whatever went in.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mcache
