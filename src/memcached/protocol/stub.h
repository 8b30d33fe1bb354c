#pragma once

// The stub that stands for a page while somebody makes it, where memcached does not mark it as such
// (meta protocol, N): an empty item whose client flags say until when it lives, in the upper half,
// as seconds of Unix time modulo 2^16. The lower half holds no bit that clients in Python or PHP
// give a meaning to. Four bits, never all zero, tell stubs of a server without CAS apart.

#include <algorithm>
#include <cstdint>

namespace mcache::memcached {

inline constexpr std::uint32_t kStubMark = 0x0300;
inline constexpr std::uint32_t kStubMarkMask = 0x0FFF;
inline constexpr std::uint32_t kStubNonceMask = 0xF000;
inline constexpr std::uint32_t kUsualStubNonce = 4;
inline constexpr std::int64_t kMaxStubSeconds = 0x7FFF;

constexpr bool is_stub(std::uint32_t flags, std::uint32_t value_size) {
    return value_size == 0 && (flags & kStubMarkMask) == kStubMark && (flags & kStubNonceMask) != 0;
}

// `until` is Unix time, at most kMaxStubSeconds ahead.
constexpr std::uint32_t stub_flags(std::int64_t until, std::uint32_t nonce = kUsualStubNonce) {
    return static_cast<std::uint32_t>(until & 0xFFFF) << 16 | (nonce % 15 + 1) << 12 | kStubMark;
}

constexpr std::int64_t stub_seconds_left(std::uint32_t flags, std::int64_t now) {
    const auto left = static_cast<std::int16_t>((flags >> 16) - static_cast<std::uint32_t>(now));
    return std::max<std::int64_t>(left, 0);
}

}  // namespace mcache::memcached
