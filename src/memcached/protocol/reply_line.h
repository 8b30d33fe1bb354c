#pragma once

// What the two dialects have in common: a line that ends in CRLF, tokens between spaces, errors and
// the version. For the parsers only.

#include <cstddef>
#include <string_view>

#include "base/parse.h"
#include "memcached/protocol/reply.h"

namespace mcache::memcached {

// Finds the line at the beginning of `bytes`: `line` is without its CRLF. See parse_meta_reply for
// what is Invalid.
Parse find_reply_line(std::string_view bytes, std::string_view& line);

// Removes the first token of `rest` and the spaces before it; empty when there is none left.
inline std::string_view next_token(std::string_view& rest) {
    const char* const end = rest.data() + rest.size();
    const char* begin = rest.data();
    while (begin != end && *begin == ' ') {
        ++begin;
    }
    const char* at = begin;
    while (at != end && *at != ' ') {
        ++at;
    }
    rest = {at, static_cast<std::size_t>(end - at)};
    return {begin, static_cast<std::size_t>(at - begin)};
}

// VERSION, ERROR, CLIENT_ERROR or SERVER_ERROR, which both dialects have: fills `out`.
// False when `line`, which begins with `code`, is none of them.
bool read_common_reply(std::string_view line, std::string_view code, Reply& out);

}  // namespace mcache::memcached
