#include "format/key.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/blocks.h"

namespace mcache::format {
namespace {

constexpr std::string_view kDigestPrefix = "sha256-";
constexpr std::size_t kDigestKeySize = kDigestPrefix.size() + std::size_t{2} * SHA256_DIGEST_LENGTH;
constexpr std::string_view kMark = "%00";
constexpr std::string_view kPurgeLog = "purges";
constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::string_view word_of(Derived kind) {
    switch (kind) {
        case Derived::Lock:
            return "lock";
        case Derived::Uses:
            return "uses";
        case Derived::Variant:
            return "variant";
        case Derived::Subrequest:
            return "subrequest";
        case Derived::Part:
            return "part";
    }
    return {};
}

constexpr bool is_lower_case(char c) {
    return c >= 'a' && c <= 'z';
}

bool ends_as_derived(std::string_view full) {
    std::size_t word = full.size();
    while (word != 0 && is_lower_case(full[word - 1])) {
        --word;
    }
    return word != full.size() && full.substr(0, word).ends_with(kMark);
}

bool looks_like_digest(std::string_view full) {
    return full.size() == kDigestKeySize && full.starts_with(kDigestPrefix) &&
           full.find_first_not_of(kHexDigits, kDigestPrefix.size()) == std::string_view::npos;
}

constexpr bool needs_escape(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '%';
}

std::size_t escaped_size(std::string_view text) {
    return text.size() +
           2 * static_cast<std::size_t>(std::count_if(text.begin(), text.end(), needs_escape));
}

}  // namespace

// Fills a key from its beginning. Whoever writes has seen to it that there is room.
class KeyWriter {
  public:
    explicit KeyWriter(Key& key) : key_(key) { key_.size_ = 0; }

    KeyWriter& text(std::string_view text) {
        std::copy(text.begin(), text.end(), key_.bytes_.data() + key_.size_);
        key_.size_ = static_cast<std::uint8_t>(key_.size_ + text.size());
        return *this;
    }

    KeyWriter& byte(char c, std::string_view digits) {
        const auto value = static_cast<unsigned char>(c);
        const std::array<char, 2> hex = {digits[value >> 4], digits[value & 0xf]};
        return text({hex.data(), hex.size()});
    }

    KeyWriter& escaped(std::string_view from) {
        for (const char& c : from) {
            if (needs_escape(c)) {
                text("%").byte(c, "0123456789ABCDEF");
            } else {
                text({&c, 1});
            }
        }
        return *this;
    }

    bool digest_of(std::string_view full) {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
        if (SHA256(reinterpret_cast<const unsigned char*>(full.data()), full.size(),
                   digest.data()) == nullptr) {
            return false;
        }
        text(kDigestPrefix);
        for (const unsigned char each : digest) {
            byte(static_cast<char>(each), kHexDigits);
        }
        return true;
    }

    bool digest_of(std::string_view full, std::string_view word) {
        if (!digest_of(full)) {
            return false;
        }
        text(kMark).text(word);
        return true;
    }

  private:
    Key& key_;
};

bool is_own_key(std::string_view full) {
    return !full.empty() && full.size() <= kMaxKeySize && !has_space_or_control(full) &&
           !ends_as_derived(full) && !looks_like_digest(full);
}

bool make_key(std::string_view full, Key& out) {
    KeyWriter writer(out);
    if (is_own_key(full)) {
        writer.text(full);
        return true;
    }
    return !full.empty() && writer.digest_of(full);
}

bool derive_key(const Key& from, Derived kind, Key& out) {
    KeyWriter writer(out);
    const std::string_view word = word_of(kind);
    if (from.view().empty()) {
        return false;
    }
    if (from.view().size() > kMaxKeySize - kMark.size() - word.size()) {
        return writer.digest_of(from.view(), word);
    }
    writer.text(from.view()).text(kMark).text(word);
    return true;
}

bool derive_key_of_digest(std::string_view full, Derived kind, Key& out) {
    return KeyWriter(out).digest_of(full, word_of(kind));
}

bool make_purge_log_key(std::string_view site, Key& out) {
    KeyWriter writer(out);
    const bool is_short = escaped_size(site) <= kMaxKeySize - kMark.size() - kPurgeLog.size();
    if (!is_short || looks_like_digest(site)) {
        return writer.digest_of(site, kPurgeLog);
    }
    writer.escaped(site).text(kMark).text(kPurgeLog);
    return true;
}

}  // namespace mcache::format
