#pragma once

// What stands for the CAS of an item whose server has none (memcached -C, a proxy without `gets`):
// a hash of its flags and its bytes, in a range that no CAS reaches. The same only for an item that
// is as it was; of a long value its ends are looked at, where an entry's times and a page's end
// are.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

#include "base/keyed_hash.h"

namespace mcache::memcached {

inline constexpr std::uint64_t kContentMark = std::uint64_t{1} << 63;

constexpr bool is_content_mark(std::uint64_t cas) {
    return (cas & kContentMark) != 0;
}

inline std::uint64_t content_mark(std::uint32_t flags, std::string_view value) {
    constexpr std::size_t kEnd = 8 * 1024;
    const std::string_view begin = value.substr(0, kEnd);
    const std::string_view end = value.substr(std::max(begin.size(), value.size() - begin.size()));
    const std::uint64_t shape = std::uint64_t{flags} << 32 | (value.size() & 0xFFFFFFFF);
    return (keyed_hash(begin) ^ std::rotl(keyed_hash(end), 1) ^ shape * 0x9E3779B97F4A7C15) |
           kContentMark;
}

}  // namespace mcache::memcached
