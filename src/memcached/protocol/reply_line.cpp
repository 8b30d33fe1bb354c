#include "memcached/protocol/reply_line.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include "base/blocks.h"

namespace mcache::memcached {
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
        return has_control(bytes) ? Parse::Invalid : Parse::NeedMore;
    }
    line = bytes.substr(0, static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()));
    if (line.empty() || line.back() != '\r') {
        return Parse::Invalid;
    }
    line.remove_suffix(1);
    return has_control(line) ? Parse::Invalid : Parse::Ok;
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
