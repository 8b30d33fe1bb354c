// A dictionary is read to its end or refused, always in as many steps as it has commas at most.
// The text of every value lies inside the line. Cache-Status only ever writes structured fields.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "http/cache_status.h"
#include "http/structured_fields.h"

using namespace mcache::http;

namespace {

void read_dictionary(std::string_view line) {
    DictionaryReader reader(line);
    std::size_t members = 0;
    while (reader.next() == DictionaryReader::Step::Member) {
        ++members;
        require(!reader.key().empty());
        require_inside(reader.key(), line);
        require_inside(reader.value().text, line);
        require(reader.value().integer <= 999999999999999 &&
                reader.value().integer >= -999999999999999);
    }
    require(members <= line.size());
    const DictionaryReader::Step end = reader.next();
    require(end != DictionaryReader::Step::Member && reader.next() == end);
}

void write_cache_status(std::string_view text, std::uint8_t room) {
    CacheStatus status;
    status.forward = static_cast<Forward>(room % 9);
    status.stored = true;
    status.ttl = room;
    status.key = text;
    status.detail = text.substr(text.size() / 2);
    std::array<char, 256> buffer;
    const std::string_view member = format_cache_status(status, std::span(buffer).first(room));
    require(member.size() <= room);
    if (!member.empty()) {
        const std::string dictionary = "a=" + std::string(member);
        DictionaryReader reader(dictionary);
        require(reader.next() == DictionaryReader::Step::Member);
        require(reader.next() == DictionaryReader::Step::End);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    read_dictionary(text);
    write_cache_status(text, data[0]);
    return 0;
}
