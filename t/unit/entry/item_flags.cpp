#include "entry/item_flags.h"

#include "unit/catch.h"

using namespace mcache::entry;

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
        {0x00010000, ItemKind::PlainBody, "PHP with a user flag"},
        {0xFFFF0000, ItemKind::PlainBody, "PHP with user flags"},
        {0xFFFF0010, ItemKind::PlainBody, "an application's own bits on a str"},
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
        CHECK(classify_item(c.flags) == c.kind);
        CHECK(is_plain_body(c.flags) == (c.kind == ItemKind::PlainBody));
    }
    CHECK(kEntryFlags == 0x6D630100);
}
