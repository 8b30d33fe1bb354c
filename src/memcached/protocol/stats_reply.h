#pragma once

// The answer to `stats` (protocol.txt, "Statistics"): lines "STAT <name> <value>", then "END".

#include <cstddef>
#include <string_view>

#include "base/parse.h"

namespace mcache::memcached {

struct StatLine {
    std::size_t line_size = 0;  // with its end
    bool last = false;          // no name and no value: "END", or an error
    bool known = true;          // false: an error, `stats` is not known
    std::string_view name;      // into the text
    std::string_view value;
};

// One line at the beginning of `text`. `out` is only meaningful after Ok.
Parse parse_stat_line(std::string_view text, StatLine& out);

}  // namespace mcache::memcached
