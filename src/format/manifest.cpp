#include "format/manifest.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "format/little_endian.h"

namespace mcache::format {
namespace {

// Offsets in the section.
constexpr std::size_t kTotalAt = 16;
constexpr std::size_t kPartSizeAt = 24;
constexpr std::size_t kCountAt = 28;
constexpr std::size_t kPartsUntilAt = 32;

constexpr std::string_view kPartMagic = "MCP1";

// Offsets in a part.
constexpr std::size_t kNumberAt = 4;
constexpr std::size_t kPayloadSizeAt = 8;
constexpr std::size_t kPartNonceAt = 12;

constexpr std::size_t kKeyDigestSize = 8;

void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xf];
    }
}

// Sizes beyond this could not be those of a response.
constexpr std::uint64_t kLargestTotal = std::numeric_limits<std::int64_t>::max();

bool is_sane(const Manifest& manifest) {
    return manifest.total != 0 && manifest.total <= kLargestTotal &&
           manifest.part_size >= kSmallestPart && std::has_single_bit(manifest.part_size) &&
           manifest.count == count_parts(manifest.total, manifest.part_size) &&
           manifest.count != 0 && manifest.parts_until >= 0 && manifest.parts_until <= kMaxTime;
}

}  // namespace

bool make_nonce(Nonce& out) {
    return RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) ==
           1;
}

std::uint32_t choose_part_size(std::size_t largest_value) {
    if (largest_value < kPartHeadSize + kSmallestPart) {
        return 0;
    }
    const std::size_t largest = std::min<std::size_t>(largest_value - kPartHeadSize, kLargestPart);
    return static_cast<std::uint32_t>(std::bit_floor(largest));
}

std::uint32_t count_parts(std::uint64_t total, std::uint32_t part_size) {
    const std::uint64_t count = total / part_size + (total % part_size != 0 ? 1 : 0);
    return count <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(count)
                                                              : 0;
}

std::array<char, kManifestSize> encode_manifest(const Manifest& manifest) {
    std::array<char, kManifestSize> out;
    std::copy(manifest.nonce.begin(), manifest.nonce.end(), out.begin());
    store_little(out.data() + kTotalAt, manifest.total);
    store_little(out.data() + kPartSizeAt, manifest.part_size);
    store_little(out.data() + kCountAt, manifest.count);
    store_little(out.data() + kPartsUntilAt, manifest.parts_until);
    return out;
}

Body locate_body(const EntryView& entry, Manifest& out) {
    const auto section = entry.section(kManifestSection);
    if (!section) {
        return Body::Whole;
    }
    if (section->size() != kManifestSize || !entry.body.empty()) {
        return Body::Corrupt;
    }
    const char* const from = section->data();
    std::copy_n(from, out.nonce.size(), out.nonce.begin());
    out.total = load_little<std::uint64_t>(from + kTotalAt);
    out.part_size = load_little<std::uint32_t>(from + kPartSizeAt);
    out.count = load_little<std::uint32_t>(from + kCountAt);
    out.parts_until = load_little<std::int64_t>(from + kPartsUntilAt);
    return is_sane(out) ? Body::InParts : Body::Corrupt;
}

void encode_part_head(const Nonce& nonce, std::uint32_t number, std::uint32_t payload_size,
                      char* out) {
    std::copy(kPartMagic.begin(), kPartMagic.end(), out);
    store_little(out + kNumberAt, number);
    store_little(out + kPayloadSizeAt, payload_size);
    std::copy(nonce.begin(), nonce.end(), out + kPartNonceAt);
}

std::string_view decode_part(std::string_view value, const Manifest& manifest,
                             std::uint32_t number) {
    const std::size_t size = manifest.payload_size(number);
    const std::string_view nonce(manifest.nonce.data(), manifest.nonce.size());
    if (value.size() != kPartHeadSize + size || !value.starts_with(kPartMagic) ||
        load_little<std::uint32_t>(value.data() + kNumberAt) != number ||
        load_little<std::uint32_t>(value.data() + kPayloadSizeAt) != size ||
        value.substr(kPartNonceAt, nonce.size()) != nonce) {
        return {};
    }
    return value.substr(kPartHeadSize);
}

PartKeys::PartKeys(std::string_view full_key, const Nonce& nonce) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    if (SHA256(reinterpret_cast<const unsigned char*>(full_key.data()), full_key.size(),
               digest.data()) == nullptr) {
        return;
    }
    append_hex(name_prefix_, {reinterpret_cast<const char*>(digest.data()), kKeyDigestSize});
    name_prefix_ += '-';
    append_hex(name_prefix_, {nonce.data(), nonce.size()});
    name_prefix_ += '-';
}

bool PartKeys::make(std::uint32_t number, Key& out) const {
    Key name;
    return !name_prefix_.empty() && make_key(name_prefix_ + std::to_string(number), name) &&
           derive_key(name, Derived::Part, out);
}

}  // namespace mcache::format
