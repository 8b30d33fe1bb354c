// The meta protocol's reply parser on arbitrary bytes.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "memcached/protocol/reply.h"

using mcache::Parse;
using namespace mcache::memcached;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    constexpr std::uint32_t kLimit = 1u << 20;
    Reply reply;
    const Parse parsed = parse_meta_reply(bytes, reply, kLimit);
    if (parsed == Parse::NeedMore) {
        require(size < kMaxReplyLine && bytes.find('\n') == std::string_view::npos);
    }
    if (parsed != Parse::Ok) {
        return 0;
    }
    const std::string_view line = bytes.substr(0, reply.line_size);
    require(line.size() <= kMaxReplyLine && line.ends_with(kCrlf));
    require(line.find('\n') == line.size() - 1);
    require_inside(reply.opaque, line);
    require_inside(reply.key, line);
    require_inside(reply.text, line);
    require(reply.value_size <= kLimit);
    require(reply.status != ReplyStatus::Value || reply.has_size);
    require((reply.status == ReplyStatus::Error) == (reply.error != ErrorKind::None));
    require(reply.ttl >= kTtlAbsent && reply.ttl <= INT32_MAX);

    // What follows the line makes no difference, and no part of the line is enough.
    Reply again;
    require(parse_meta_reply(line, again, kLimit) == Parse::Ok);
    require(again.status == reply.status && again.cas == reply.cas && again.opaque == reply.opaque);
    require(parse_meta_reply(line.substr(0, line.size() - 1), again, kLimit) == Parse::NeedMore);
    return 0;
}
