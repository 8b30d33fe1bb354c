#pragma once

// The key as memcached sees it. An application that reads, writes or deletes the same items has to
// arrive at the same bytes; this is the whole rule, in Python, for the prefix and the key joined:
//
//     import hashlib, re
//
//     NOT_AS_IT_IS = re.compile(rb"[\0-\x20\x7F]|%00[a-z]+\Z|\Asha256-[0-9a-f]{64}\Z")
//
//     def mcache_key(full: bytes) -> bytes:
//         if len(full) > 250 or NOT_AS_IT_IS.search(full):
//             return b"sha256-" + hashlib.sha256(full).hexdigest().encode()
//         return full
//
// So two full keys never meet in one memcached key: what is not its own key is a digest, and no key
// that is its own looks like a digest.
//
// What mcache keeps beside pages lies under derived keys: the page's key, "%00" and a word in
// lower-case letters. No page's key ends so, whatever a request says: see is_own_key().

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "memcached/protocol/legal_key.h"

namespace mcache::format {

using memcached::kMaxKeySize;

// Of what mcache derives from a key.
enum class Derived : std::uint8_t {
    Lock,        // who holds it fetches the page
    Uses,        // how often the page was asked for in vain
    Variant,     // the page for some request fields
    Subrequest,  // what a page includes
    Part,        // a piece of a large page's body
};

// Holds its bytes, so that it needs no memory of its own.
class Key {
  public:
    std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    friend class KeyWriter;

    std::array<char, kMaxKeySize> bytes_;
    std::uint8_t size_ = 0;
};

// Whether make_key() leaves the full key as it is.
bool is_own_key(std::string_view full);

// Each of these is false when there is nothing to make a key of, or its digest cannot be had from
// libcrypto; `out` is then empty.

// The key of the page with this full key: prefix and key joined, any bytes.
bool make_key(std::string_view full, Key& out);

// From a page's key, or one that was derived itself. `out` is another object.
bool derive_key(const Key& from, Derived kind, Key& out);

// From a full key that nobody is to read in a list of keys.
bool derive_key_of_digest(std::string_view full, Derived kind, Key& out);

// The key of a site's purge log: "%00purges" behind mcache_key_prefix, of which illegal bytes and
// percent signs are escaped.
bool make_purge_log_key(std::string_view site, Key& out);

}  // namespace mcache::format
