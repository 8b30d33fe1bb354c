#include "format/fill_token.h"

#include "base/keyed_hash.h"

namespace mcache::format {

FillToken make_fill_token(std::string_view key, std::uint64_t cas) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    FillToken token;
    std::uint64_t hash = sip_hash({cas, cas}, key);
    for (auto digit = token.rbegin(); digit != token.rend(); ++digit) {
        *digit = kDigits[hash & 0xf];
        hash >>= 4;
    }
    return token;
}

}  // namespace mcache::format
