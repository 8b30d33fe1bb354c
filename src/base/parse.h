#pragma once

namespace mcache {

// The result of a parser. Parsers know no sockets, logs or clocks.
enum class Parse {
    Ok,        // one whole unit was read
    NeedMore,  // a valid beginning; nothing was consumed, call again with more bytes
    Invalid,   // no continuation can make this valid
};

}  // namespace mcache
