// The classic protocol's reply parser on arbitrary bytes; the first one chooses the command.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"
#include "memcached/protocol/reply.h"
#include "memcached/protocol/version.h"

using mcache::Parse;
using namespace mcache::memcached;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto what = static_cast<Expect>(data[0] % (static_cast<int>(Expect::Ok) + 1));
    speaks_meta(text_of(data, size));
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    constexpr std::uint32_t kLimit = 1u << 20;
    Reply reply;
    const Parse parsed = parse_classic_reply(bytes, what, reply, kLimit);
    if (parsed == Parse::NeedMore) {
        require(bytes.size() < kMaxReplyLine && bytes.find('\n') == std::string_view::npos);
    }
    if (parsed != Parse::Ok) {
        return 0;
    }
    const std::string_view line = bytes.substr(0, reply.line_size);
    require(line.size() <= kMaxReplyLine && line.ends_with(kCrlf));
    require(line.find('\n') == line.size() - 1);
    require_inside(reply.key, line);
    require_inside(reply.text, line);
    require(reply.value_size <= kLimit);
    require(reply.status != ReplyStatus::Value || (what == Expect::Get && reply.has_size));
    require(reply.status != ReplyStatus::Miss || line == kClassicEnd);
    require((reply.status == ReplyStatus::Error) == (reply.error != ErrorKind::None));

    Reply again;
    require(parse_classic_reply(line, what, again, kLimit) == Parse::Ok);
    require(again.status == reply.status && again.cas == reply.cas && again.number == reply.number);
    require(parse_classic_reply(line.substr(0, line.size() - 1), what, again, kLimit) ==
            Parse::NeedMore);
    return 0;
}
