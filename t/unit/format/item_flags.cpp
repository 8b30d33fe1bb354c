#include "format/item_flags.h"

#include <string_view>

#include "unit/catch.h"

using namespace mcache::format;

TEST_CASE("What client flags say of a value") {
    struct Case {
        std::uint32_t flags;
        ItemKind kind;
        const char* stored_by;
    };
    const Case cases[] = {
        {0x6D630100, ItemKind::Entry, "mcache"},
        {0x6D630200, ItemKind::NewerEntry, "a later mcache"},
        {0x6D630101, ItemKind::NewerEntry, "a later mcache"},
        {0x6D630000, ItemKind::NewerEntry, "nobody"},
        {0, ItemKind::PlainBody, "bytes of Python, string of PHP"},
        {16, ItemKind::PlainBody, "str of Python"},
        {0x00010000, ItemKind::Foreign, "PHP with a user flag: gzip of W3 Total Cache"},
        {0xFFFF0000, ItemKind::Foreign, "PHP with user flags"},
        {0x00020010, ItemKind::Foreign, "an application's own bits on a str"},
        {1, ItemKind::Foreign, "Python: pickle; PHP: integer"},
        {2, ItemKind::Foreign, "Python: int or bool; PHP: float"},
        {3, ItemKind::Foreign, "PHP: boolean"},
        {4, ItemKind::Foreign, "Python: int; PHP: serialised"},
        {5, ItemKind::Foreign, "PHP: igbinary"},
        {6, ItemKind::Foreign, "PHP: JSON"},
        {7, ItemKind::Foreign, "PHP: msgpack"},
        {8, ItemKind::Foreign, "Python: bytes, zlib"},
        {9, ItemKind::Foreign, "Python: pickle, zlib"},
        {24, ItemKind::Foreign, "Python: str, zlib"},
        {48, ItemKind::Foreign, "PHP: string, zlib"},
        {80, ItemKind::Foreign, "PHP: string, fastlz"},
        {144, ItemKind::Foreign, "PHP: string, zstd"},
        {0x00010090, ItemKind::Foreign, "PHP: string, zstd, with a user flag"},
        {0x0800, ItemKind::Foreign, "spymemcached: byte array"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.flags, c.stored_by);
        CHECK(classify_item(c.flags, "a page") == c.kind);
    }
    CHECK(kEntryFlags == 0x6D630100);
}

TEST_CASE("An entry whose flags were lost is no page") {
    for (const std::uint32_t flags : {0U, 16U, 1U}) {
        CAPTURE(flags);
        CHECK(classify_item(flags, "MCE1 and more") == ItemKind::Foreign);
        CHECK(classify_item(flags, "MCE2") == ItemKind::Foreign);
    }
    for (const std::string_view page : {"", "MCE", "MCEx", "mce1", " MCE1"}) {
        CAPTURE(page);
        CHECK(classify_item(0, page) == ItemKind::PlainBody);
    }
    CHECK(classify_item(kEntryFlags, "MCE1") == ItemKind::Entry);
}
