#include <optional>

#include "base/integer.h"
#include "memcached/protocol/reply.h"
#include "memcached/protocol/reply_line.h"

namespace mcache::memcached {
namespace {

// "VALUE <key> <flags> <bytes> [<cas unique>]", from the key on.
bool read_value(std::string_view rest, std::uint32_t max_value_size, Reply& out) {
    out.key = next_token(rest);
    const auto flags = parse_decimal<std::uint32_t>(next_token(rest));
    const auto size = parse_decimal<std::uint32_t>(next_token(rest));
    if (!flags || !size || *size > max_value_size) {
        return false;
    }
    out.status = ReplyStatus::Value;
    out.flags = *flags;
    out.has_flags = true;
    out.value_size = *size;
    out.has_size = true;
    if (const std::string_view cas_text = next_token(rest); !cas_text.empty()) {
        const auto cas = parse_decimal<std::uint64_t>(cas_text);
        if (!cas) {
            return false;
        }
        out.cas = *cas;
        out.has_cas = true;
    }
    return next_token(rest).empty();
}

// A decremented number may be padded with spaces (protocol.txt, "Increment/Decrement").
bool read_count(std::string_view code, std::string_view rest, Reply& out) {
    const auto number = parse_decimal<std::uint64_t>(code);
    if (!number || !next_token(rest).empty()) {
        return false;
    }
    out.status = ReplyStatus::Ok;
    out.number = *number;
    return true;
}

std::optional<ReplyStatus> status_of(std::string_view code, Expect what) {
    switch (what) {
        case Expect::Get:
            if (code == "END") {
                return ReplyStatus::Miss;
            }
            return std::nullopt;
        case Expect::Store:
            if (code == "STORED") {
                return ReplyStatus::Ok;
            }
            if (code == "NOT_STORED") {
                return ReplyStatus::NotStored;
            }
            if (code == "EXISTS") {
                return ReplyStatus::Exists;
            }
            break;
        case Expect::Delete:
            if (code == "DELETED") {
                return ReplyStatus::Ok;
            }
            break;
        case Expect::Touch:
            if (code == "TOUCHED") {
                return ReplyStatus::Ok;
            }
            break;
        case Expect::Count:
            break;
        case Expect::Ok:
            if (code == "OK") {
                return ReplyStatus::Ok;
            }
            return std::nullopt;
        case Expect::Version:
            return std::nullopt;
    }
    return code == "NOT_FOUND" ? std::optional(ReplyStatus::NotFound) : std::nullopt;
}

}  // namespace

Parse parse_classic_reply(std::string_view bytes, Expect what, Reply& out,
                          std::uint32_t max_value_size) {
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
    if (what == Expect::Get && code == "VALUE") {
        return read_value(rest, max_value_size, out) ? Parse::Ok : Parse::Invalid;
    }
    if (const std::optional<ReplyStatus> status = status_of(code, what)) {
        out.status = *status;
        return rest.empty() ? Parse::Ok : Parse::Invalid;
    }
    if (what == Expect::Count && read_count(code, rest, out)) {
        return Parse::Ok;
    }
    if (!read_common_reply(line, code, out)) {
        return Parse::Invalid;
    }
    return out.status == ReplyStatus::Error || what == Expect::Version ? Parse::Ok : Parse::Invalid;
}

}  // namespace mcache::memcached
