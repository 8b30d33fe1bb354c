#pragma once

// Integers of the entry format, which is little-endian and unaligned.

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstring>

namespace mcache::format {

template <std::integral T>
T load_little(const char* from) {
    std::array<char, sizeof(T)> bytes;
    std::memcpy(bytes.data(), from, sizeof(T));
    if constexpr (std::endian::native == std::endian::big) {
        std::reverse(bytes.begin(), bytes.end());
    }
    return std::bit_cast<T>(bytes);
}

template <std::integral T>
void store_little(char* to, T value) {
    auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    if constexpr (std::endian::native == std::endian::big) {
        std::reverse(bytes.begin(), bytes.end());
    }
    std::memcpy(to, bytes.data(), sizeof(T));
}

}  // namespace mcache::format
