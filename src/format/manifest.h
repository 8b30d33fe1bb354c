#pragma once

// A body that does not fit into one item lies in parts, each an item of its own, of one size but
// for the last. The entry under the page's key then has no body but a section, the manifest, that
// says which parts it has: a reader that does not know the section cannot read the entry.
//
// The section, little-endian, 40 bytes:
//
//     offset size
//          0   16  nonce, random: the parts of one fill are never taken for another's
//         16    8  total: size of the body
//         24    4  part_size: a power of two
//         28    4  count of parts
//         32    8  parts_until: Unix time until which memcached was asked to keep the parts
//
// The value of a part, whose client flags are kPartFlags:
//
//          0    4  "MCP1"
//          4    4  number, from 0
//          8    4  size of the payload
//         12   16  nonce
//         28       payload
//
// Keys of parts: 16 hex digits of the SHA-256 of the full key, "-", the nonce in hex, "-", the
// number in decimal, "%00part". Each is placed by the ring as any key, so that the parts spread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/envelope.h"
#include "format/key.h"

namespace mcache::format {

inline constexpr std::size_t kManifestSize = 40;
inline constexpr std::size_t kPartHeadSize = 28;
inline constexpr std::uint32_t kSmallestPart = 256;
inline constexpr std::uint32_t kLargestPart = 512 * 1024;

using Nonce = std::array<char, 16>;

// False when libcrypto has no random bytes.
bool make_nonce(Nonce& out);

struct Manifest {
    Nonce nonce{};
    std::uint64_t total = 0;
    std::uint32_t part_size = 0;
    std::uint32_t count = 0;
    std::int64_t parts_until = 0;

    // Of the payload of a part. `number` is less than count.
    std::size_t payload_size(std::uint32_t number) const {
        const std::uint64_t begin = std::uint64_t{number} * part_size;
        const std::uint64_t rest = total - begin;
        return static_cast<std::size_t>(rest < part_size ? rest : part_size);
    }
};

// The size of parts for values of at most `largest_value` bytes; 0: they are too small for parts.
std::uint32_t choose_part_size(std::size_t largest_value);

// How many parts a body takes; 0 for an empty one, and for more than 2^32 - 1.
std::uint32_t count_parts(std::uint64_t total, std::uint32_t part_size);

std::array<char, kManifestSize> encode_manifest(const Manifest& manifest);

enum class Body : std::uint8_t {
    Whole,    // lies in the entry
    InParts,  // as the manifest says
    Corrupt,  // the manifest contradicts itself or the entry
};

// Where the body of a decoded entry lies. `out` is only meaningful after Body::InParts.
Body locate_body(const EntryView& entry, Manifest& out);

// Writes kPartHeadSize bytes.
void encode_part_head(const Nonce& nonce, std::uint32_t number, std::uint32_t payload_size,
                      char* out);

// The payload of part `number`, which is less than manifest.count, within `value`; data() is null
// when the value is not that part whole.
std::string_view decode_part(std::string_view value, const Manifest& manifest,
                             std::uint32_t number);

class PartKeys {
  public:
    PartKeys(std::string_view full_key, const Nonce& nonce);

    // False when the digest of the full key could not be had from libcrypto.
    bool make(std::uint32_t number, Key& out) const;

  private:
    std::string name_prefix_;
};

}  // namespace mcache::format
