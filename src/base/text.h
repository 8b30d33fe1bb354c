#pragma once

// Views over bytes that somebody else owns. Nothing here allocates, and nothing here is
// locale-dependent: HTTP and memcached are ASCII protocols.

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace mcache {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return to_lower(x) == to_lower(y);
           });
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
