#include "format/header_id.h"

#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include "unit/catch.h"

using namespace mcache::format;

TEST_CASE("A header is classified by its name, in any case") {
    const std::pair<std::string_view, HeaderId> names[] = {
        {"Content-Type", HeaderId::ContentType},
        {"Last-Modified", HeaderId::LastModified},
        {"ETag", HeaderId::ETag},
        {"Location", HeaderId::Location},
        {"Cache-Control", HeaderId::CacheControl},
        {"Expires", HeaderId::Expires},
        {"Date", HeaderId::Date},
        {"Server", HeaderId::Server},
        {"Content-Encoding", HeaderId::ContentEncoding},
        {"Vary", HeaderId::Vary},
        {"Link", HeaderId::Link},
        {"Accept-Ranges", HeaderId::AcceptRanges},
        {"WWW-Authenticate", HeaderId::WwwAuthenticate},
        {"Content-Disposition", HeaderId::ContentDisposition},
        {"Content-Language", HeaderId::ContentLanguage},
        {"Age", HeaderId::Age},
        {"Content-Length", HeaderId::ContentLength},
        {"Content-Range", HeaderId::ContentRange},
        {"Content-Location", HeaderId::ContentLocation},
        {"Refresh", HeaderId::Refresh},
        {"Set-Cookie", HeaderId::SetCookie},
        {"Pragma", HeaderId::Pragma},
        {"Retry-After", HeaderId::RetryAfter},
        {"Cache-Status", HeaderId::CacheStatus},
        {"CDN-Cache-Control", HeaderId::CdnCacheControl},
        {"Cache-Tag", HeaderId::CacheTag},
        {"Surrogate-Key", HeaderId::SurrogateKey},
        {"Connection", HeaderId::Connection},
        {"Keep-Alive", HeaderId::KeepAlive},
        {"Proxy-Connection", HeaderId::ProxyConnection},
        {"Proxy-Authenticate", HeaderId::ProxyAuthenticate},
        {"Proxy-Authentication-Info", HeaderId::ProxyAuthenticationInfo},
        {"TE", HeaderId::Te},
        {"Trailer", HeaderId::Trailer},
        {"Transfer-Encoding", HeaderId::TransferEncoding},
        {"Upgrade", HeaderId::Upgrade},
        {"X-Accel-Expires", HeaderId::XAccelExpires},
        {"X-Accel-Redirect", HeaderId::XAccelRedirect},
        {"X-Accel-Limit-Rate", HeaderId::XAccelLimitRate},
        {"X-Accel-Buffering", HeaderId::XAccelBuffering},
        {"X-Accel-Charset", HeaderId::XAccelCharset},
    };
    std::set<HeaderId> seen;
    for (const auto& [name, id] : names) {
        CAPTURE(name);
        std::string upper;
        std::string lower;
        for (const char c : name) {
            upper += static_cast<char>(std::toupper(c));
            lower += static_cast<char>(std::tolower(c));
        }
        CHECK(classify(name) == id);
        CHECK(classify(upper) == id);
        CHECK(classify(lower) == id);
        CHECK(classify(std::string(name) + "x") == HeaderId::Other);
        CHECK(classify(name.substr(1)) == HeaderId::Other);
        seen.insert(id);
    }
    CHECK(seen.size() == static_cast<std::size_t>(kLastHeaderId));
}

TEST_CASE("Names that have no number") {
    for (const std::string_view name : {"", "X", "X-Cache", "content_type", "Content-Typ\xe9"}) {
        CAPTURE(name);
        CHECK(classify(name) == HeaderId::Other);
    }
    CHECK(classify(std::string(70000, 'x')) == HeaderId::Other);
}

TEST_CASE("A field name is a token") {
    CHECK(is_field_name("Content-Type"));
    CHECK(is_field_name("x!#$%&'*+-.^_`|~09"));
    CHECK_FALSE(is_field_name(""));
    for (const char c : std::string_view("\0\t\n\r \"(),/:;<=>?@[\\]{}\x7f\x80\xff", 26)) {
        CAPTURE(static_cast<int>(c));
        CHECK_FALSE(is_field_name(std::string("X-") + c));
    }
}

TEST_CASE("A field value has no CR, LF or NUL, wherever they would be") {
    CHECK(is_field_value(""));
    for (std::size_t size = 1; size < 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string value(size, 'v');
                value[at] = static_cast<char>(byte);
                const bool legal = byte != '\r' && byte != '\n' && byte != 0;
                if (is_field_value(value) != legal) {
                    CAPTURE(size, at, byte);
                    FAIL();
                }
            }
        }
    }
}
