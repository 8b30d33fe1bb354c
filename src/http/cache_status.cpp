#include "http/cache_status.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace mcache::http {
namespace {

// The largest integer of a structured field (RFC 8941, section 3.3.1).
constexpr std::int64_t kMaxInteger = 999999999999999;

std::string_view forward_text(Forward forward) {
    switch (forward) {
        case Forward::No:
            return "";
        case Forward::Bypass:
            return "bypass";
        case Forward::Method:
            return "method";
        case Forward::UriMiss:
            return "uri-miss";
        case Forward::VaryMiss:
            return "vary-miss";
        case Forward::Miss:
            return "miss";
        case Forward::Request:
            return "request";
        case Forward::Stale:
            return "stale";
        case Forward::Partial:
            return "partial";
    }
    return "";
}

bool is_structured_token(std::string_view text) {
    if (text.empty()) {
        return false;
    }
    const char first = to_lower(text.front());
    return (first == '*' || (first >= 'a' && first <= 'z')) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_token_char(c) || c == ':' || c == '/'; });
}

// Writes whole parameters: what was written since the last commit is taken back when it did not
// fit.
class Writer {
  public:
    explicit Writer(std::span<char> out) : out_(out) {}

    void text(std::string_view bytes) {
        if (bytes.size() > out_.size() - used_) {
            overflow_ = true;
            return;
        }
        std::copy(bytes.begin(), bytes.end(), out_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += bytes.size();
    }

    void integer(std::int64_t value) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof(digits),
                                       std::clamp(value, -kMaxInteger, kMaxInteger));
        text({digits, static_cast<std::size_t>(end.ptr - digits)});
    }

    void string(std::string_view value) {
        constexpr std::string_view kHex = "0123456789ABCDEF";
        text("\"");
        for (const char c : value) {
            if (overflow_) {
                return;
            }
            if (c == '"' || c == '\\') {
                const char escaped[] = {'\\', c};
                text({escaped, sizeof(escaped)});
            } else if (c >= 0x20 && c <= 0x7e) {
                text({&c, 1});
            } else {
                const auto byte = static_cast<unsigned char>(c);
                const char percent[] = {'%', kHex[byte >> 4], kHex[byte & 15]};
                text({percent, sizeof(percent)});
            }
        }
        text("\"");
    }

    void token_or_string(std::string_view value) {
        if (is_structured_token(value)) {
            text(value);
        } else {
            string(value);
        }
    }

    bool commit() {
        const bool fits = !overflow_;
        if (fits) {
            committed_ = used_;
        }
        used_ = committed_;
        overflow_ = false;
        return fits;
    }

    std::string_view committed() const { return {out_.data(), committed_}; }

  private:
    std::span<char> out_;
    std::size_t used_ = 0;
    std::size_t committed_ = 0;
    bool overflow_ = false;
};

}  // namespace

Forward forward_for(Reason reason) {
    switch (reason) {
        case Reason::None:
            return Forward::No;
        case Reason::Method:
            return Forward::Method;
        case Reason::Ignored:
        case Reason::Bypass:
        case Reason::RequestBody:
        case Reason::Upgrade:
        case Reason::InternalRedirect:
            return Forward::Bypass;
        case Reason::RequestHeader:
        case Reason::OnlyIfCached:
            return Forward::Request;
        case Reason::Miss:
            return Forward::UriMiss;
        case Reason::VaryMiss:
            return Forward::VaryMiss;
        case Reason::Expired:
        case Reason::Purged:
        case Reason::Stale:
            return Forward::Stale;
        default:
            return Forward::Miss;
    }
}

std::string_view format_cache_status(const CacheStatus& status, std::span<char> out) {
    Writer writer(out);
    const bool hit = status.forward == Forward::No;

    writer.token_or_string(status.cache);
    if (hit) {
        writer.text("; hit");
    } else {
        writer.text("; fwd=");
        writer.text(forward_text(status.forward));
    }
    if (!writer.commit()) {
        return {};
    }
    if (!hit && status.forward_status) {
        writer.text("; fwd-status=");
        writer.integer(*status.forward_status);
        writer.commit();
    }
    if (status.ttl) {
        writer.text("; ttl=");
        writer.integer(*status.ttl);
        writer.commit();
    }
    if (!hit && status.stored) {
        writer.text("; stored");
        writer.commit();
    }
    if (!hit && status.collapsed) {
        writer.text("; collapsed");
        writer.commit();
    }
    if (!status.key.empty()) {
        writer.text("; key=");
        writer.string(status.key);
        writer.commit();
    }
    if (!status.detail.empty()) {
        writer.text("; detail=");
        writer.token_or_string(status.detail);
        writer.commit();
    }
    return writer.committed();
}

}  // namespace mcache::http
