#include <limits>
#include <optional>

#include "base/integer.h"
#include "memcached/reply.h"
#include "memcached/reply_line.h"

namespace mcache::memcached {
namespace {

// memcached prints the time left as an unsigned 32-bit number, which wraps when the clock ticks
// between finding an item and printing it.
bool read_ttl(std::string_view text, std::int64_t& ttl) {
    if (text == "-1") {
        ttl = kTtlUnlimited;
        return true;
    }
    const auto seconds = parse_decimal<std::uint32_t>(text);
    if (!seconds) {
        return false;
    }
    ttl = *seconds <= std::uint32_t{std::numeric_limits<std::int32_t>::max()} ? *seconds : 0;
    return true;
}

template <class T>
bool read_number(std::string_view text, T& number, bool& has_number) {
    const auto parsed = parse_decimal<T>(text);
    if (parsed) {
        number = *parsed;
        has_number = true;
    }
    return parsed.has_value();
}

bool read_mark(std::string_view text, bool& mark) {
    mark = true;
    return text.empty();
}

// One token of the reply: a letter, and what belongs to it.
[[gnu::always_inline]] inline bool read_flag(char letter, std::string_view text,
                                             std::uint32_t max_value_size, Reply& out) {
    switch (letter) {
        case 'W':
            return read_mark(text, out.won);
        case 'X':
            return read_mark(text, out.stale);
        case 'Z':
            return read_mark(text, out.token_sent);
        case 'b':
            return read_mark(text, out.key_is_base64);
        case 'O':
            out.opaque = text;
            out.has_opaque = true;
            return !text.empty();
        case 'k':
            out.key = text;
            return !text.empty();
        case 'c':
            return read_number(text, out.cas, out.has_cas);
        case 'f':
            return read_number(text, out.flags, out.has_flags);
        case 't':
            return read_ttl(text, out.ttl);
        case 's': {
            std::uint32_t size = 0;
            const bool known = out.has_size;
            if (!read_number(text, size, out.has_size) || size > max_value_size ||
                (known && size != out.value_size)) {
                return false;
            }
            out.value_size = size;
            return true;
        }
        default:
            return true;
    }
}

bool read_flags(std::string_view rest, std::uint32_t max_value_size, Reply& out) {
    std::uint64_t seen = 0;
    for (std::string_view token = next_token(rest); !token.empty(); token = next_token(rest)) {
        const char letter = token.front();
        if (letter >= 'A' && letter <= 'z') {
            const std::uint64_t bit = std::uint64_t{1} << (letter - 'A');
            if ((seen & bit) != 0) {
                return false;
            }
            seen |= bit;
        }
        if (!read_flag(letter, token.substr(1), max_value_size, out)) {
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
    if (out.status == ReplyStatus::Value &&
        !read_flag('s', next_token(rest), max_value_size, out)) {
        return Parse::Invalid;
    }
    return read_flags(rest, max_value_size, out) ? Parse::Ok : Parse::Invalid;
}

}  // namespace mcache::memcached
