#include "format/tags.h"

#include <array>

#include <string>
#include <string_view>

#include "unit/catch.h"

using mcache::Parse;
using namespace mcache::format;

namespace {

std::string tags_of(std::string_view list) {
    std::string lines;
    REQUIRE(parse_tags(list, lines) == Parse::Ok);
    return lines;
}

Parse parsed(const std::string& list) {
    std::string lines;
    return parse_tags(list, lines);
}

}  // namespace

TEST_CASE("Tags are separated by commas, white space, or both") {
    CHECK(tags_of("").empty());
    CHECK(tags_of(" , ,\t").empty());
    CHECK(tags_of("news") == "news");
    CHECK(tags_of("a,b c\td\r\ne , f") == "a\nb\nc\nd\ne\nf");
    CHECK(tags_of(",a,") == "a");
    CHECK(tags_of("node:1 user/2 caf\xc3\xa9 *") == "*\ncaf\xc3\xa9\nnode:1\nuser/2");
}

TEST_CASE("A tag counts once") {
    CHECK(tags_of("b,a,b,a a") == "a\nb");
    CHECK(tags_of("A a") == "A\na");
}

TEST_CASE("A control character makes the list invalid") {
    for (const char c : {'\0', '\x01', '\x1f', '\x7f', '\v'}) {
        CHECK(parsed(std::string("a,b") + c) == Parse::Invalid);
    }
}

TEST_CASE("A list is bounded, a single tag only by that") {
    std::string many;
    for (std::size_t i = 0; i < kMaxTags; ++i) {
        many += std::to_string(i) + ",";
    }
    CHECK(parsed(many) == Parse::Ok);
    CHECK(parsed(many + "0,1,2") == Parse::Ok);
    CHECK(parsed(many + "more") == Parse::Invalid);
    CHECK(parsed(std::string(1024, 'x')) == Parse::Ok);
    CHECK(parsed(std::string(kMaxTagBytes - 1, 'x')) == Parse::Ok);
    CHECK(parsed(std::string(kMaxTagBytes, 'x')) == Parse::Invalid);
}

TEST_CASE("What is a tag") {
    CHECK(is_tag("a"));
    CHECK(is_tag("\x80"));
    for (const std::string_view wrong : {"", ",", "a,b", " a", "a\n", "\x7f"}) {
        CHECK_FALSE(is_tag(wrong));
    }
}

TEST_CASE("An entry's facts come back as they were") {
    const PurgeFacts facts{{0x0102030405060708, 77}, "a\nb"};
    const std::string section = encode_purge_facts(facts);
    CHECK(section.size() == 16 + 3);
    CHECK(section[0] == 8);
    const auto back = decode_purge_facts(section);
    REQUIRE(back);
    CHECK(back->stamp == facts.stamp);
    CHECK(back->tags == facts.tags);
    CHECK_FALSE(decode_purge_facts(section.substr(0, 15)));
    CHECK(decode_purge_facts(section.substr(0, 16))->tags.empty());

    std::size_t count = 0;
    for_each_tag(back->tags, [&](std::string_view tag) { count += tag == "a" || tag == "b"; });
    CHECK(count == 2);
}

TEST_CASE("An entry with copies is judged by the stamp of the log that is asked") {
    const Stamp first{0x10, 5};
    const std::array<Stamp, 3> further{Stamp{0x20, 6}, Stamp{0x30, 7}, Stamp{0x20, 2}};
    const std::string section = encode_stamps(further);
    CHECK(section.size() == 48);
    CHECK(stamp_of_epoch(first, section, 0x10) == first);
    CHECK(stamp_of_epoch(first, section, 0x30) == Stamp{0x30, 7});
    CHECK(stamp_of_epoch(first, section, 0x20) == Stamp{0x20, 2});
    CHECK(stamp_of_epoch(first, section, 0x40) == first);
    CHECK(stamp_of_epoch(first, std::string_view(section).substr(0, 20), 0x30) == first);
    CHECK(stamp_of_epoch(first, {}, 0x20) == first);
}
