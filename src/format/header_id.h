#pragma once

// Response header fields by number, so that replaying an entry is a switch and never compares
// names.

#include <cstdint>
#include <string_view>

#include "base/blocks.h"

namespace mcache::format {

// The numbers are stored in entries: never renumber, only append.
enum class HeaderId : std::uint8_t {
    Other = 0,
    ContentType = 1,
    LastModified = 2,
    ETag = 3,
    Location = 4,
    CacheControl = 5,
    Expires = 6,
    Date = 7,
    Server = 8,
    ContentEncoding = 9,
    Vary = 10,
    Link = 11,
    AcceptRanges = 12,
    WwwAuthenticate = 13,
    ContentDisposition = 14,
    ContentLanguage = 15,
    Age = 16,
    ContentLength = 17,
    ContentRange = 18,
    ContentLocation = 19,
    Refresh = 20,
    SetCookie = 21,
    Pragma = 22,
    RetryAfter = 23,
    CacheStatus = 24,
    CdnCacheControl = 25,
    CacheTag = 26,
    SurrogateKey = 27,
    Connection = 28,
    KeepAlive = 29,
    ProxyConnection = 30,
    ProxyAuthenticate = 31,
    ProxyAuthenticationInfo = 32,
    Te = 33,
    Trailer = 34,
    TransferEncoding = 35,
    Upgrade = 36,
    XAccelExpires = 37,
    XAccelRedirect = 38,
    XAccelLimitRate = 39,
    XAccelBuffering = 40,
    XAccelCharset = 41,
};

inline constexpr HeaderId kLastHeaderId = HeaderId::XAccelCharset;

// Case-insensitive; HeaderId::Other for every name that has no number.
HeaderId classify(std::string_view name);

// Byte by byte, for what the functions below are not sure of.
bool is_token(std::string_view text);
bool has_line_end_or_nul(std::string_view text);

// A token of RFC 9110, section 5.6.2. Nearly all names consist of letters and hyphens.
inline bool is_field_name(std::string_view name) {
    const bool unusual = any_block(name, [](Block block) {
        const Block letter = (block | 0x20) - 'a';
        return (letter > 'z' - 'a') & (block != '-');
    });
    return !name.empty() && (!unusual || is_token(name));
}

// Without CR, LF and NUL (RFC 9110, section 5.5).
inline bool is_field_value(std::string_view value) {
    return !any_block(value, [](Block block) { return block <= '\r'; }) ||
           !has_line_end_or_nul(value);
}

}  // namespace mcache::format
