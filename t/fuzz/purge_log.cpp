// The purge log on arbitrary bytes: what it says of entries is the same however often it was read
// while it grew, a compacted log forgives nothing, and nothing of another epoch stands.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/purge_log.h"
#include "fuzz/require.h"

using mcache::Parse;
using namespace mcache::format;

namespace {

constexpr std::uint64_t kEpoch = 0x0123456789abcdef;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    PurgeLog log;
    if (log.read(text) == Parse::Invalid) {
        require(log.end() == Stamp{});
        text = fresh_purge_log(kEpoch) + text + "\n";
        require(log.read(text) == Parse::Ok);
    }
    const Stamp end = log.end();
    const std::size_t first = text.find('\n') + 1;
    const std::uint64_t base = end.position - (text.size() - first);

    PurgeLog grown;
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
        require(grown.read(std::string_view(text).substr(0, at + 1)) == Parse::Ok);
    }
    require(grown.end() == end);

    const std::string shorter = compacted_purge_log(text);
    PurgeLog compacted;
    require(compacted.read(shorter) == Parse::Ok);
    // Lines of lost logs that would be dropped are written once more, behind the end.
    require(compacted.end().epoch == end.epoch && compacted.end().position >= end.position);

    for (const std::string_view tags : {"", "a", "a\nnews"}) {
        for (const std::string_view key : {"", "/", "/blog/1"}) {
            require(log.judge({end.epoch + 1, end.position}, key, tags) == Standing::Gone);
            require(log.judge(end, key, tags) == Standing::Stands);
            Standing before = Standing::Gone;
            for (std::uint64_t at = 0; at <= text.size() - first && at < 64; ++at) {
                const Stamp stamp{end.epoch, base + at};
                const Standing standing = log.judge(stamp, key, tags);
                require(standing == grown.judge(stamp, key, tags));
                require(compacted.judge(stamp, key, tags) >= standing);
                require(standing <= before);  // a younger entry stands no worse
                before = standing;
            }
        }
    }
    return 0;
}
