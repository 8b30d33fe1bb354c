#include "entry/key.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/blocks.h"

namespace mcache::entry {
namespace {

constexpr std::string_view kDigestPrefix = "sha256-";

constexpr bool needs_escape(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '%';
}

std::size_t escaped_size(std::string_view key) {
    return key.size() +
           2 * static_cast<std::size_t>(std::count_if(key.begin(), key.end(), needs_escape));
}

char* write_hex(char* out, unsigned char byte, std::string_view digits) {
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 0xf];
    return out;
}

}  // namespace

bool make_key(std::string_view full, Key& out) {
    out.size_ = 0;
    if (full.empty()) {
        return false;
    }
    char* const begin = out.bytes_.data();
    char* at = begin;
    const bool is_verbatim = !has_space_or_control(full);
    if (is_verbatim && full.size() <= kMaxKeySize) {
        at = std::copy(full.begin(), full.end(), at);
    } else if (!is_verbatim && escaped_size(full) <= kMaxKeySize) {
        for (const char c : full) {
            if (needs_escape(c)) {
                *at++ = '%';
                at = write_hex(at, static_cast<unsigned char>(c), "0123456789ABCDEF");
            } else {
                *at++ = c;
            }
        }
    } else {
        return make_digest_key(full, out);
    }
    out.size_ = static_cast<std::uint8_t>(at - begin);
    return true;
}

bool make_digest_key(std::string_view full, Key& out) {
    out.size_ = 0;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    if (full.empty() || SHA256(reinterpret_cast<const unsigned char*>(full.data()), full.size(),
                               digest.data()) == nullptr) {
        return false;
    }
    char* at = std::copy(kDigestPrefix.begin(), kDigestPrefix.end(), out.bytes_.data());
    for (const unsigned char byte : digest) {
        at = write_hex(at, byte, "0123456789abcdef");
    }
    out.size_ = static_cast<std::uint8_t>(at - out.bytes_.data());
    return true;
}

}  // namespace mcache::entry
