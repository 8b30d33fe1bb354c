#include "format/header_id.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace mcache::format {
namespace {

struct KnownHeader {
    HeaderId id = HeaderId::Other;
    std::string_view name;
};

constexpr std::array kKnownHeaders = {
    KnownHeader{HeaderId::Te, "te"},
    KnownHeader{HeaderId::Age, "age"},
    KnownHeader{HeaderId::ETag, "etag"},
    KnownHeader{HeaderId::Date, "date"},
    KnownHeader{HeaderId::Vary, "vary"},
    KnownHeader{HeaderId::Link, "link"},
    KnownHeader{HeaderId::Server, "server"},
    KnownHeader{HeaderId::Pragma, "pragma"},
    KnownHeader{HeaderId::Expires, "expires"},
    KnownHeader{HeaderId::Refresh, "refresh"},
    KnownHeader{HeaderId::Trailer, "trailer"},
    KnownHeader{HeaderId::Upgrade, "upgrade"},
    KnownHeader{HeaderId::Location, "location"},
    KnownHeader{HeaderId::CacheTag, "cache-tag"},
    KnownHeader{HeaderId::SetCookie, "set-cookie"},
    KnownHeader{HeaderId::Connection, "connection"},
    KnownHeader{HeaderId::KeepAlive, "keep-alive"},
    KnownHeader{HeaderId::RetryAfter, "retry-after"},
    KnownHeader{HeaderId::ContentType, "content-type"},
    KnownHeader{HeaderId::CacheStatus, "cache-status"},
    KnownHeader{HeaderId::LastModified, "last-modified"},
    KnownHeader{HeaderId::CacheControl, "cache-control"},
    KnownHeader{HeaderId::AcceptRanges, "accept-ranges"},
    KnownHeader{HeaderId::ContentRange, "content-range"},
    KnownHeader{HeaderId::SurrogateKey, "surrogate-key"},
    KnownHeader{HeaderId::ContentLength, "content-length"},
    KnownHeader{HeaderId::XAccelExpires, "x-accel-expires"},
    KnownHeader{HeaderId::XAccelCharset, "x-accel-charset"},
    KnownHeader{HeaderId::ContentEncoding, "content-encoding"},
    KnownHeader{HeaderId::WwwAuthenticate, "www-authenticate"},
    KnownHeader{HeaderId::ContentLanguage, "content-language"},
    KnownHeader{HeaderId::ContentLocation, "content-location"},
    KnownHeader{HeaderId::ProxyConnection, "proxy-connection"},
    KnownHeader{HeaderId::XAccelRedirect, "x-accel-redirect"},
    KnownHeader{HeaderId::CdnCacheControl, "cdn-cache-control"},
    KnownHeader{HeaderId::TransferEncoding, "transfer-encoding"},
    KnownHeader{HeaderId::XAccelBuffering, "x-accel-buffering"},
    KnownHeader{HeaderId::ProxyAuthenticate, "proxy-authenticate"},
    KnownHeader{HeaderId::XAccelLimitRate, "x-accel-limit-rate"},
    KnownHeader{HeaderId::ContentDisposition, "content-disposition"},
    KnownHeader{HeaderId::ProxyAuthenticationInfo, "proxy-authentication-info"},
};

// A name is compared with one other: each known one has a place to itself by its size and the
// letters at its ends. Found by trying.
constexpr std::size_t kPlaces = 128;

constexpr std::size_t place_of(std::string_view name) {
    const auto letter = [](char c) { return static_cast<std::size_t>(c | 0x20) & 0xff; };
    return (name.size() + 13 * letter(name.front()) + 18 * letter(name.back())) % kPlaces;
}

constexpr auto kKnownAt = [] {
    std::array<KnownHeader, kPlaces> at{};
    for (const KnownHeader& known : kKnownHeaders) {
        at[place_of(known.name)] = known;
    }
    return at;
}();

static_assert(std::all_of(kKnownHeaders.begin(), kKnownHeaders.end(), [](const KnownHeader& known) {
    return kKnownAt[place_of(known.name)].id == known.id;
}));
static_assert(kKnownHeaders.size() == static_cast<std::size_t>(kLastHeaderId));

constexpr auto kIsToken = [] {
    std::array<bool, 256> is_token{};
    for (std::size_t byte = 0; byte < is_token.size(); ++byte) {
        is_token[byte] = is_token_char(static_cast<char>(byte));
    }
    return is_token;
}();

constexpr bool ends_field_value(char c) {
    return c == '\r' || c == '\n' || c == '\0';
}

}  // namespace

HeaderId classify(std::string_view name) {
    if (name.empty()) {
        return HeaderId::Other;
    }
    const KnownHeader& known = kKnownAt[place_of(name)];
    return iequals(name, known.name) ? known.id : HeaderId::Other;
}

bool is_token(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return kIsToken[static_cast<unsigned char>(c)]; });
}

bool has_line_end_or_nul(std::string_view text) {
    return std::any_of(text.begin(), text.end(), ends_field_value);
}

}  // namespace mcache::format
