#pragma once

// The key as memcached sees it. An application that reads, writes or deletes the same items has to
// arrive at the same bytes; this is the whole rule, in Python, for the prefix and the key joined:
//
//     import hashlib
//
//     def mcache_key(full: bytes) -> bytes:
//         legal = lambda b: b > 0x20 and b != 0x7F
//         if all(map(legal, full)):
//             key = full
//         else:
//             key = b"".join(b"%c" % b if legal(b) and b != 0x25 else b"%%%02X" % b for b in full)
//         if len(key) > 250:
//             key = b"sha256-" + hashlib.sha256(full).hexdigest().encode()
//         return key
//
// What has to be escaped is escaped as nginx's memcached module does it, and 0x7F besides. A key
// that is legal stays as it is, percent signs too. Two full keys can therefore meet in one
// memcached key ("a b" and "a%20b"): an entry names the full key that it was stored under, which is
// compared.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache::entry {

inline constexpr std::size_t kMaxKeySize = 250;

// Holds its bytes, so that it needs no memory of its own.
class Key {
  public:
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    friend bool make_key(std::string_view full, Key& out);
    friend bool make_digest_key(std::string_view full, Key& out);

    std::array<char, kMaxKeySize> bytes_;
    std::uint8_t size_ = 0;
};

// Makes `full` (prefix and key joined, any bytes) legal for memcached.
// False when it is empty, or its digest cannot be had from libcrypto; `out` is then empty.
bool make_key(std::string_view full, Key& out);

// The digest of `full` also where it would be short and legal: for keys that hold what nobody is to
// read in a list of keys.
bool make_digest_key(std::string_view full, Key& out);

}  // namespace mcache::entry
