// A list of tags: each is a tag, none comes twice, and the list made of them says the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/tags.h"
#include "fuzz/require.h"

using mcache::Parse;
using namespace mcache::format;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view list = text_of(data, size);
    std::string lines;
    if (parse_tags(list, lines) == Parse::Invalid) {
        require(lines.empty());
        return 0;
    }
    std::size_t count = 0;
    std::string_view previous;
    for_each_tag(lines, [&](std::string_view tag) {
        require(is_tag(tag) && (count == 0 || previous < tag));
        previous = tag;
        ++count;
    });
    require(count <= kMaxTags && lines.size() <= kMaxTagBytes);
    std::string again;
    require(parse_tags(lines, again) == Parse::Ok && again == lines);

    const std::string section = encode_purge_facts({{1, 2}, lines});
    const auto facts = decode_purge_facts(section);
    require(facts && facts->stamp == Stamp{1, 2} && facts->tags == lines);
    require(!decode_purge_facts(list) || decode_purge_facts(list)->tags.size() + 16 == list.size());
    return 0;
}
