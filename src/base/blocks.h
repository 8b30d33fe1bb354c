#pragma once

// Searches text sixteen bytes at a time. For checks that run on every hit and hardly ever find
// anything.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcache {

// Compares byte by byte: a byte of the result is 0, or 0xff where the comparison holds.
using Block [[gnu::vector_size(16)]] = std::uint8_t;

template <class Comparison>
bool any_byte(Comparison comparison) {
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(comparison);
    return (halves[0] | halves[1]) != 0;
}

// Whether test(Block), a comparison, holds for any byte of the text. A short text is padded with
// its own bytes, an empty one with the letter x.
template <class Test>
bool any_block(std::string_view text, Test test) {
    const char* const begin = text.data();
    const std::size_t size = text.size();
    Block block;
    if (size >= sizeof(block)) {
        const char* const last = begin + size - sizeof(block);
        std::memcpy(&block, last, sizeof(block));
        auto found = test(block);
        for (const char* at = begin; at < last; at += sizeof(block)) {
            std::memcpy(&block, at, sizeof(block));
            found |= test(block);
        }
        return any_byte(found);
    }
    std::array<std::uint64_t, 2> halves;
    if (size >= sizeof(std::uint64_t)) {
        std::memcpy(&halves[0], begin, sizeof(std::uint64_t));
        std::memcpy(&halves[1], begin + size - sizeof(std::uint64_t), sizeof(std::uint64_t));
    } else if (size >= sizeof(std::uint32_t)) {
        std::array<std::uint32_t, 2> quarters;
        std::memcpy(&quarters[0], begin, sizeof(std::uint32_t));
        std::memcpy(&quarters[1], begin + size - sizeof(std::uint32_t), sizeof(std::uint32_t));
        halves.fill(std::bit_cast<std::uint64_t>(quarters));
    } else {
        std::uint64_t word = 0x0101010101010101 * std::uint64_t{'x'};
        for (const char c : text) {
            word = word << 8 | static_cast<unsigned char>(c);
        }
        halves.fill(word);
    }
    return any_byte(test(std::bit_cast<Block>(halves)));
}

// Whether the text contains an ASCII control byte, or also a space: these end a line or a token.
inline bool has_control(std::string_view text) {
    return any_block(text, [](Block block) { return (block < 0x20) | (block == 0x7f); });
}
inline bool has_space_or_control(std::string_view text) {
    return any_block(text, [](Block block) { return (block < 0x21) | (block == 0x7f); });
}

}  // namespace mcache
