#pragma once

#include <cstddef>
#include <string_view>

#include "base/blocks.h"

namespace mcache::memcached {

inline constexpr std::size_t kMaxKeySize = 250;

// 1 to 250 bytes, none of them white space or a control character (protocol.txt, "Keys").
// Bytes from 0x80 on are legal.
inline bool is_legal_key(std::string_view key) {
    return !key.empty() && key.size() <= kMaxKeySize && !has_space_or_control(key);
}

}  // namespace mcache::memcached
