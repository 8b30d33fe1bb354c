#include <limits>
#include <optional>

#include "base/integer.h"
#include "memcached/protocol/reply.h"
#include "memcached/protocol/reply_line.h"

namespace mcache::memcached {
namespace {

// What is left of the line.
struct Cursor {
    const char* at;
    const char* end;

    bool ends_token() const { return at == end || *at == ' '; }

    // The rest of the token.
    std::string_view rest() {
        const char* const begin = at;
        const char* now = begin;
        while (now != end && *now != ' ') {
            ++now;
        }
        at = now;
        return {begin, static_cast<std::size_t>(now - begin)};
    }
};

// All of the rest of the token.
template <class T>
bool read_number(Cursor& line, T& number, bool& has_number) {
    constexpr std::ptrdiff_t kCannotOverflow = std::numeric_limits<std::uint64_t>::digits10;
    const char* const begin = line.at;
    const char* at = begin;
    std::uint64_t value = 0;
    for (; at != line.end; ++at) {
        const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
        if (digit > 9) {
            break;
        }
        value = value * 10 + digit;
    }
    line.at = at;
    const std::ptrdiff_t digits = at - begin;
    if (digits == 0 || !line.ends_token()) {
        return false;
    }
    if (digits > kCannotOverflow) {
        const auto parsed = parse_decimal<std::uint64_t>({begin, static_cast<std::size_t>(digits)});
        if (!parsed) {
            return false;
        }
        value = *parsed;
    }
    if (value > std::numeric_limits<T>::max()) {
        return false;
    }
    number = static_cast<T>(value);
    has_number = true;
    return true;
}

// memcached prints the time left as an unsigned 32-bit number, which wraps when the clock ticks
// between finding an item and printing it.
bool read_ttl(Cursor& line, std::int64_t& ttl) {
    if (line.at != line.end && *line.at == '-') {
        ttl = kTtlUnlimited;
        return line.rest() == "-1";
    }
    std::uint32_t seconds = 0;
    bool known = false;
    if (!read_number(line, seconds, known)) {
        return false;
    }
    ttl = seconds <= std::uint32_t{std::numeric_limits<std::int32_t>::max()} ? seconds : 0;
    return true;
}

bool read_size(Cursor& line, std::uint32_t max_value_size, Reply& out) {
    std::uint32_t size = 0;
    const bool known = out.has_size;
    if (!read_number(line, size, out.has_size) || size > max_value_size ||
        (known && size != out.value_size)) {
        return false;
    }
    out.value_size = size;
    return true;
}

bool read_mark(const Cursor& line, bool& mark) {
    mark = true;
    return line.ends_token();
}

bool read_text(Cursor& line, std::string_view& text) {
    text = line.rest();
    return !text.empty();
}

// The token of the reply that begins with this letter.
[[gnu::always_inline]] inline bool read_flag(char letter, Cursor& line,
                                             std::uint32_t max_value_size, Reply& out) {
    switch (letter) {
        case 'W':
            return read_mark(line, out.won);
        case 'X':
            return read_mark(line, out.stale);
        case 'Z':
            return read_mark(line, out.token_sent);
        case 'b':
            return read_mark(line, out.key_is_base64);
        case 'O':
            out.has_opaque = true;
            return read_text(line, out.opaque);
        case 'k':
            return read_text(line, out.key);
        case 'c':
            return read_number(line, out.cas, out.has_cas);
        case 'f':
            return read_number(line, out.flags, out.has_flags);
        case 't':
            return read_ttl(line, out.ttl);
        case 's':
            return read_size(line, max_value_size, out);
        default:
            line.rest();
            return true;
    }
}

void skip_spaces(Cursor& line) {
    while (line.at != line.end && *line.at == ' ') {
        ++line.at;
    }
}

bool read_flags(Cursor line, std::uint32_t max_value_size, Reply& out) {
    std::uint64_t seen = 0;
    for (skip_spaces(line); line.at != line.end; skip_spaces(line)) {
        const char letter = *line.at++;
        if (letter >= 'A' && letter <= 'z') {
            const std::uint64_t bit = std::uint64_t{1} << (letter - 'A');
            if ((seen & bit) != 0) {
                return false;
            }
            seen |= bit;
        }
        if (!read_flag(letter, line, max_value_size, out)) {
            return false;
        }
    }
    return true;
}

std::optional<ReplyStatus> status_of(std::string_view code) {
    if (code.size() != 2) {
        return std::nullopt;
    }
    switch (code[0] << 8 | code[1]) {
        case 'V' << 8 | 'A':
            return ReplyStatus::Value;
        case 'H' << 8 | 'D':
            return ReplyStatus::Ok;
        case 'E' << 8 | 'N':
            return ReplyStatus::Miss;
        case 'N' << 8 | 'S':
            return ReplyStatus::NotStored;
        case 'E' << 8 | 'X':
            return ReplyStatus::Exists;
        case 'N' << 8 | 'F':
            return ReplyStatus::NotFound;
        case 'M' << 8 | 'N':
            return ReplyStatus::NoOp;
        default:
            return std::nullopt;
    }
}

}  // namespace

Parse parse_meta_reply(std::string_view bytes, Reply& out, std::uint32_t max_value_size) {
    std::string_view line;
    if (const Parse found = find_reply_line(bytes, line); found != Parse::Ok) {
        return found;
    }
    out = Reply{};
    out.line_size = line.size() + kCrlf.size();
    std::string_view rest = line;
    const std::string_view code = next_token(rest);
    if (code.data() != line.data()) {
        return Parse::Invalid;
    }
    const std::optional<ReplyStatus> status = status_of(code);
    if (!status) {
        return read_common_reply(line, code, out) ? Parse::Ok : Parse::Invalid;
    }
    out.status = *status;
    Cursor flags{rest.data(), rest.data() + rest.size()};
    skip_spaces(flags);
    if (out.status == ReplyStatus::Value && !read_size(flags, max_value_size, out)) {
        return Parse::Invalid;
    }
    return read_flags(flags, max_value_size, out) ? Parse::Ok : Parse::Invalid;
}

}  // namespace mcache::memcached
