#pragma once

// Integers from hostile text, and arithmetic that saturates instead of wrapping.

#include <concepts>
#include <limits>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace mcache {

// The whole text as an unsigned decimal number: digits only, at least one, no sign.
// Empty if it is anything else or does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> parse_decimal(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    T value = 0;
    // So many digits cannot overflow.
    const std::string_view head = text.substr(0, std::numeric_limits<T>::digits10);
    for (char c : head) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        value = static_cast<T>(value * 10 + static_cast<T>(c - '0'));
    }
    for (char c : text.substr(head.size())) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        const T digit = static_cast<T>(c - '0');
        if (value > (std::numeric_limits<T>::max() - digit) / 10) {
            return std::nullopt;
        }
        value = static_cast<T>(value * 10 + digit);
    }
    return value;
}

template <std::signed_integral T>
constexpr T saturating_add(T a, T b) {
    T sum;
    if (!__builtin_add_overflow(a, b, &sum)) {
        return sum;
    }
    return b > 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min();
}

template <std::signed_integral T>
constexpr T saturating_sub(T a, T b) {
    T difference;
    if (!__builtin_sub_overflow(a, b, &difference)) {
        return difference;
    }
    return b < 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min();
}

}  // namespace mcache
