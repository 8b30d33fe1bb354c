#include "base/json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace mcache {

namespace {

constexpr std::uint32_t kHighSurrogate = 0xd800;
constexpr std::uint32_t kLowSurrogate = 0xdc00;
constexpr std::uint32_t kBehindSurrogates = 0xe000;

void append_utf8(std::string& out, std::uint32_t code) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

// The length of the UTF-8 sequence at the start of `text`; 0 if there is none. RFC 3629, section 4:
// neither overlong, nor a surrogate, nor beyond U+10FFFF.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const auto tails = [&](std::size_t from, std::size_t to) {
        bool all = true;
        for (std::size_t at = from; at < to; ++at) {
            all = all && (byte(at) & 0xc0) == 0x80;
        }
        return all;
    };
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return tails(1, 2) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const bool overlong = first == 0xe0 && second < 0xa0;
        const bool surrogate = first == 0xed && second >= 0xa0;
        return tails(1, 3) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool overlong = first == 0xf0 && second < 0x90;
        const bool beyond = first == 0xf4 && second >= 0x90;
        return tails(1, 4) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

// Reads a JSON text from its beginning to its end.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() {
        skip_space();
        return rest_.empty();
    }

    // The character comes next, white space aside, and is taken.
    bool take(char wanted) {
        skip_space();
        if (!rest_.starts_with(wanted)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    bool take_string(std::string& out) {
        if (!take('"')) {
            return false;
        }
        while (!rest_.empty() && !rest_.starts_with('"')) {
            const char c = rest_.front();
            if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            }
            if (c != '\\') {
                out += c;
                rest_.remove_prefix(1);
            } else if (!take_escape(out)) {
                return false;
            }
        }
        return take('"');
    }

  private:
    void skip_space() {
        while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != rest_.npos) {
            rest_.remove_prefix(1);
        }
    }

    bool take_escape(std::string& out) {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        rest_.remove_prefix(1);
        if (rest_.empty()) {
            return false;
        }
        if (const std::size_t at = kLetters.find(rest_.front()); at != kLetters.npos) {
            out += kMeanings[at];
            rest_.remove_prefix(1);
            return true;
        }
        const auto code = take_code_point();
        if (code) {
            append_utf8(out, *code);
        }
        return code.has_value();
    }

    // u and four digits; beyond U+FFFF twice (RFC 8259, section 7).
    std::optional<std::uint32_t> take_code_point() {
        const auto high = take_code_unit();
        if (!high || *high < kHighSurrogate || *high >= kBehindSurrogates) {
            return high;
        }
        if (*high >= kLowSurrogate || !rest_.starts_with('\\')) {
            return std::nullopt;
        }
        rest_.remove_prefix(1);
        const auto low = take_code_unit();
        if (!low || *low < kLowSurrogate || *low >= kBehindSurrogates) {
            return std::nullopt;
        }
        return 0x10000 + ((*high - kHighSurrogate) << 10) + (*low - kLowSurrogate);
    }

    std::optional<std::uint32_t> take_code_unit() {
        constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
        constexpr std::size_t kSize = 5;
        if (rest_.size() < kSize || rest_.front() != 'u') {
            return std::nullopt;
        }
        std::uint32_t unit = 0;
        for (const char c : rest_.substr(1, kSize - 1)) {
            const std::size_t digit = kDigits.find(c);
            if (digit == kDigits.npos) {
                return std::nullopt;
            }
            unit = unit << 4 | (static_cast<std::uint32_t>(digit) & 0xf);
        }
        rest_.remove_prefix(kSize);
        return unit;
    }

    std::string_view rest_;
};

}  // namespace

Parse parse_string_array(std::string_view text, std::size_t max_strings,
                         std::vector<std::string>& out) {
    Reader reader(text);
    out.clear();
    if (!reader.take('[')) {
        return Parse::Invalid;
    }
    bool closed = reader.take(']');
    while (!closed) {
        if (out.size() == max_strings || !reader.take_string(out.emplace_back())) {
            return Parse::Invalid;
        }
        closed = reader.take(']');
        if (!closed && !reader.take(',')) {
            return Parse::Invalid;
        }
    }
    return reader.at_end() ? Parse::Ok : Parse::Invalid;
}

namespace {

void append_escaped(std::string& out, unsigned unit) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += kDigits[unit >> shift & 0xf];
    }
}

// The code point of a sequence of two or three bytes.
unsigned decoded(std::string_view sequence) {
    unsigned point = static_cast<unsigned char>(sequence[0]) & (sequence.size() == 2 ? 0x1f : 0xf);
    for (const char c : sequence.substr(1)) {
        point = point << 6 | (static_cast<unsigned char>(c) & 0x3f);
    }
    return point;
}

// Characters that control a terminal or the direction of text.
bool is_control(unsigned point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const std::size_t size = utf8_sequence(text);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text.front();
        } else if (size <= 1 ? size == 0 || is_control(byte)
                             : size < 4 && is_control(decoded(text.substr(0, size)))) {
            append_escaped(out, size <= 1 ? byte : decoded(text.substr(0, size)));
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    out += '"';
}

}  // namespace mcache
