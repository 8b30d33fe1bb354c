#pragma once

// What a fill says of itself to its backend, which may be another nginx with the same memcached and
// the same key: by this it knows that the stub or the lock that it meets is its client's, who would
// wait for the page that it is itself asked for.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache::format {

inline constexpr std::string_view kFillField = "Mcache-Fill";
inline constexpr std::string_view kFillFieldLowcase = "mcache-fill";

// Hexadecimal digits.
using FillToken = std::array<char, 16>;

// Of a page's key and of the item that lay under it when the fill began: the key's SipHash, keyed
// by the item's CAS, which nobody knows who does not read memcached. 0: none.
FillToken make_fill_token(std::string_view key, std::uint64_t cas);

}  // namespace mcache::format
