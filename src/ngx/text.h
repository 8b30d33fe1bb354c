#pragma once

// ngx_str_t is pointer and length, may be null with length 0, and is not terminated.

#include <string_view>

#include "ngx/api.h"

namespace mcache::ngx {

inline std::string_view view(const ngx_str_t& text) {
    return text.len == 0 ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(text.data), text.len);
}

inline std::string_view view(const ngx_variable_value_t& value) {
    return value.not_found || value.len == 0
               ? std::string_view()
               : std::string_view(reinterpret_cast<const char*>(value.data), value.len);
}

// nginx takes `u_char*` also where it only reads: the bytes stay the caller's, unchanged.
inline u_char* bytes(std::string_view text) {
    return reinterpret_cast<u_char*>(const_cast<char*>(text.data()));
}

inline ngx_str_t str(std::string_view text) {
    return {text.size(), bytes(text)};
}

// A copy in the pool; data is null when there is no memory.
inline ngx_str_t copy(ngx_pool_t* pool, std::string_view text) {
    ngx_str_t out{text.size(), static_cast<u_char*>(ngx_pnalloc(pool, text.size()))};
    if (out.data != nullptr && !text.empty()) {
        std::memcpy(out.data, text.data(), text.size());
    }
    return out;
}

}  // namespace mcache::ngx
