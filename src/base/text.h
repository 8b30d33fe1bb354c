#pragma once

// Functions on string views. They neither allocate nor depend on the locale: HTTP and memcached are
// ASCII protocols.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace mcache {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Whether the bytes of two words differ only in the case of letters.
inline bool iequal_words(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t kEach = 0x0101010101010101;
    const std::uint64_t difference = a ^ b;
    if ((difference & ~(kEach * 0x20)) != 0) {
        return false;
    }
    // The highest bit of each byte says whether it is a letter.
    const std::uint64_t lower = a | kEach * 0x20;
    const std::uint64_t low_bits = lower & kEach * 0x7f;
    const std::uint64_t from_a = low_bits + kEach * (0x80 - 'a');
    const std::uint64_t after_z = low_bits + kEach * (0x7f - 'z');
    const std::uint64_t letters = (from_a ^ after_z) & ~lower & kEach * 0x80;
    return (difference & ~(letters >> 2)) == 0;
}

// For two texts of one size of at least four bytes: eight bytes at once.
inline bool iequal_bytes(const char* a, const char* b, std::size_t size) {
    const auto word = []<class Word>(const char* at, Word) {
        Word bytes = 0;
        std::memcpy(&bytes, at, sizeof(bytes));
        return bytes;
    };
    if (size < sizeof(std::uint64_t)) {
        const std::size_t last = size - sizeof(std::uint32_t);
        return iequal_words(word(a, std::uint32_t{}), word(b, std::uint32_t{})) &&
               iequal_words(word(a + last, std::uint32_t{}), word(b + last, std::uint32_t{}));
    }
    const std::size_t last = size - sizeof(std::uint64_t);
    for (std::size_t at = 0; at < last; at += sizeof(std::uint64_t)) {
        if (!iequal_words(word(a + at, std::uint64_t{}), word(b + at, std::uint64_t{}))) {
            return false;
        }
    }
    return iequal_words(word(a + last, std::uint64_t{}), word(b + last, std::uint64_t{}));
}

// For two texts of one size.
constexpr bool iequal_texts(std::string_view a, std::string_view b) {
    if (std::is_constant_evaluated() || a.size() < sizeof(std::uint32_t)) {
        return std::equal(a.begin(), a.end(), b.begin(),
                          [](char x, char y) { return to_lower(x) == to_lower(y); });
    }
    return iequal_bytes(a.data(), b.data(), a.size());
}

// The names of header fields are compared all the time, and most differ by their length.
constexpr bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && iequal_texts(a, b);
}

// Optional white space of RFC 9110, section 5.6.3: space and horizontal tab.
constexpr bool is_ows(char c) {
    return c == ' ' || c == '\t';
}

constexpr std::string_view trim_ows(std::string_view text) {
    while (!text.empty() && is_ows(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_ows(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// A token character of RFC 9110, section 5.6.2.
constexpr bool is_token_char(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace mcache
