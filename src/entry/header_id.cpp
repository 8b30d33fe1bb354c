#include "entry/header_id.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "base/text.h"

namespace mcache::entry {
namespace {

struct KnownHeader {
    HeaderId id;
    std::string_view name;
};

// By length, so that a name is compared with the few that are as long as it is.
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

constexpr std::size_t kMaxKnownSize = kKnownHeaders.back().name.size();

// The index of the first known header that is at least so long.
constexpr auto kFirstOfSize = [] {
    std::array<std::uint8_t, kMaxKnownSize + 2> first{};
    for (std::size_t size = 0; size < first.size(); ++size) {
        std::uint8_t index = 0;
        while (index < kKnownHeaders.size() && kKnownHeaders[index].name.size() < size) {
            ++index;
        }
        first[size] = index;
    }
    return first;
}();

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
    if (name.size() > kMaxKnownSize) {
        return HeaderId::Other;
    }
    for (std::size_t i = kFirstOfSize[name.size()]; i < kFirstOfSize[name.size() + 1]; ++i) {
        if (iequals(name, kKnownHeaders[i].name)) {
            return kKnownHeaders[i].id;
        }
    }
    return HeaderId::Other;
}

bool is_field_name(std::string_view name) {
    for (const char c : name) {
        if (!kIsToken[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return !name.empty();
}

bool is_field_value(std::string_view value) {
    // Eight bytes at a time: (word - n * 0x01..) & ~word has a high bit set where a byte may be
    // below n. Only CR, LF, NUL and their neighbours are looked at one by one.
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighs = 0x8080808080808080;
    std::size_t at = 0;
    for (; value.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, value.data() + at, sizeof(word));
        if (((word - kOnes * ('\r' + 1)) & ~word & kHighs) != 0) {
            for (const char c : value.substr(at, sizeof(word))) {
                if (ends_field_value(c)) {
                    return false;
                }
            }
        }
    }
    for (; at < value.size(); ++at) {
        if (ends_field_value(value[at])) {
            return false;
        }
    }
    return true;
}

}  // namespace mcache::entry
