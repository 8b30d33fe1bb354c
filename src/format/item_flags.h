#pragma once

// What the client flags of an item say of its value. memcached stores the 32 bits and does not
// interpret them; each client library does so in its own way. Django's two back ends store as their
// library does. Seen on the wire for Python, read in the source for PHP:
//
//     value                          pylibmc 1.6  pymemcache 3.5     php-memcached 3
//     bytes                                    0               0                   0
//     str                                     16              16                   0
//     bool, int                             2, 4            1, 2                3, 1
//     any other object                1 (pickle)      1 (pickle)              4 to 7
//     compressed, in addition                  8               8  16 + 32, 64 or 128
//
// PHP leaves the upper 16 bits to the application, which may mean anything by them: W3 Total Cache
// and Bitrix mark a gzipped body so, for memcached_gzip_flag.

#include <cstdint>
#include <string_view>

namespace mcache::format {

// "mc", the version of the format, and a zero byte, so that clients in Python and PHP that fetch an
// entry see plain bytes.
inline constexpr std::uint32_t kEntryFlags = 0x6D630100;

// A part of a large body ("mcp"): under a page's own key it is as good as a newer entry.
inline constexpr std::uint32_t kPartFlags = 0x6D637000;

enum class ItemKind : std::uint8_t {
    Entry,       // an envelope of this version: decode()
    NewerEntry,  // marked by an mcache of another version; a miss
    PlainBody,   // a page that an application wrote: the value is the body
    Foreign,     // serialised, compressed or marked by a client; a miss
};

// A plain body has flags 0 or 16, and does not begin as an entry does, whose flags were lost on the
// way to memcached or back.
ItemKind classify_item(std::uint32_t flags, std::string_view value);

}  // namespace mcache::format
