#pragma once

// What a fuzz target says of what came out. A finding ends the process.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

inline void require(bool holds, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    if (!holds) {
        std::fprintf(stderr, "%s:%d: does not hold\n", file, line);
        std::abort();
    }
}

inline void require_inside(std::string_view part, std::string_view whole,
                           const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    const std::less_equal<const char*> before;
    require(part.empty() || (before(whole.data(), part.data()) &&
                             before(part.data() + part.size(), whole.data() + whole.size())),
            file, line);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}
