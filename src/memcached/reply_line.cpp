#include "memcached/reply_line.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace mcache::memcached {
namespace {

bool has_control_byte(std::string_view text) {
    // Without a branch for each byte: control bytes are not expected.
    unsigned found = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        found |= static_cast<unsigned>(byte < 0x20) | static_cast<unsigned>(byte == 0x7f);
    }
    return found != 0;
}

}  // namespace

Parse find_reply_line(std::string_view bytes, std::string_view& line) {
    const std::size_t limit = std::min(bytes.size(), kMaxReplyLine);
    const void* end = limit == 0 ? nullptr : std::memchr(bytes.data(), '\n', limit);
    if (end == nullptr) {
        if (bytes.size() >= kMaxReplyLine) {
            return Parse::Invalid;
        }
        if (!bytes.empty() && bytes.back() == '\r') {
            bytes.remove_suffix(1);
        }
        return has_control_byte(bytes) ? Parse::Invalid : Parse::NeedMore;
    }
    line = bytes.substr(0, static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()));
    if (line.empty() || line.back() != '\r') {
        return Parse::Invalid;
    }
    line.remove_suffix(1);
    return has_control_byte(line) ? Parse::Invalid : Parse::Ok;
}

std::string_view next_token(std::string_view& rest) {
    std::size_t begin = 0;
    while (begin < rest.size() && rest[begin] == ' ') {
        ++begin;
    }
    std::size_t end = begin;
    while (end < rest.size() && rest[end] != ' ') {
        ++end;
    }
    const std::string_view token = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    return token;
}

bool read_common_reply(std::string_view line, std::string_view code, Reply& out) {
    if (code == "VERSION") {
        next_token(line);
        out.status = ReplyStatus::Version;
        out.text = line.substr(std::min(line.find_first_not_of(' '), line.size()));
        return !out.text.empty();
    }
    if (code == "ERROR") {
        out.error = ErrorKind::Protocol;
    } else if (code == "CLIENT_ERROR") {
        out.error = ErrorKind::Client;
    } else if (code == "SERVER_ERROR") {
        out.error = ErrorKind::Server;
    } else {
        return false;
    }
    out.status = ReplyStatus::Error;
    out.text = line;
    return true;
}

bool Reply::answers(std::uint32_t expected_opaque) const {
    char digits[10];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), expected_opaque).ptr;
    return has_opaque && opaque == std::string_view(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace mcache::memcached
