#pragma once

// What a fill says of itself to its backend, which may be another nginx with the same memcached and
// the same key: by this it knows that the stub or the lock that it meets is its client's, who would
// wait for the page that it is itself asked for.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache::entry {

inline constexpr std::string_view kFillField = "Mcache-Fill";
inline constexpr std::string_view kFillFieldLowcase = "mcache-fill";

// Hexadecimal digits.
using FillToken = std::array<char, 32>;

// Of a page's key and of the item that lay under it when the fill began: nobody who does not read
// memcached knows its CAS. 0: none. False where libcrypto has no digest.
bool make_fill_token(std::string_view key, std::uint64_t cas, FillToken& out);

}  // namespace mcache::entry
