#include "entry/fill_token.h"

#include <openssl/sha.h>

#include <string>

namespace mcache::entry {

bool make_fill_token(std::string_view key, std::uint64_t cas, FillToken& out) {
    std::string text(key);
    text += '\0';
    text += std::to_string(cas);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    if (SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data()) ==
        nullptr) {
        return false;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = 0; i < out.size(); ++i) {
        const unsigned char byte = digest[i / 2];
        out[i] = kDigits[i % 2 == 0 ? byte >> 4 : byte & 0xf];
    }
    return true;
}

}  // namespace mcache::entry
