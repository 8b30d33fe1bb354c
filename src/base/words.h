#pragma once

// Questions about all bytes of a text, answered eight bytes at a time. For what is looked at on
// every hit and hardly ever holds what is looked for.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcache {

inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Not zero: some byte of the word is below `limit` (at most 0x80). Which one is not told.
constexpr std::uint64_t bytes_below(std::uint64_t word, unsigned char limit) {
    return (word - kOnes * limit) & ~word & kHighBits;
}

// Not zero: some byte of the word is `byte`. Which one is not told.
constexpr std::uint64_t bytes_equal(std::uint64_t word, unsigned char byte) {
    return bytes_below(word ^ (kOnes * byte), 1);
}

// The high bit of each byte that lies in [low, high], two bytes below 0x80. The word's own bytes
// must be below 0x80, too.
constexpr std::uint64_t bytes_within(std::uint64_t word, unsigned char low, unsigned char high) {
    return (word + kOnes * (0x80u - low)) & ~(word + kOnes * (0x7fu - high)) & kHighBits;
}

// Whether test(word) is not zero for some of the words that cover the text. They may overlap, and a
// short text is filled up with the letter x.
template <class Test>
bool any_word(std::string_view text, Test test) {
    const char* const begin = text.data();
    const std::size_t size = text.size();
    std::uint64_t word;
    if (size >= sizeof(word)) {
        const char* const last = begin + size - sizeof(word);
        for (const char* at = begin; at < last; at += sizeof(word)) {
            std::memcpy(&word, at, sizeof(word));
            if (test(word) != 0) {
                return true;
            }
        }
        std::memcpy(&word, last, sizeof(word));
        return test(word) != 0;
    }
    std::uint32_t half;
    if (size >= sizeof(half)) {
        std::memcpy(&half, begin, sizeof(half));
        word = half;
        std::memcpy(&half, begin + size - sizeof(half), sizeof(half));
        return test(word << 32 | half) != 0;
    }
    word = kOnes * 'x';
    for (const char c : text) {
        word = word << 8 | static_cast<unsigned char>(c);
    }
    return test(word) != 0;
}

// Whether some byte of the text is a control byte of ASCII, or also a space: what ends a line or a
// token.
inline bool has_control(std::string_view text) {
    return any_word(
        text, [](std::uint64_t word) { return bytes_below(word, 0x20) | bytes_equal(word, 0x7f); });
}
inline bool has_space_or_control(std::string_view text) {
    return any_word(
        text, [](std::uint64_t word) { return bytes_below(word, 0x21) | bytes_equal(word, 0x7f); });
}

}  // namespace mcache
