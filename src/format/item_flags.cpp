#include "format/item_flags.h"

#include "format/envelope.h"

namespace mcache::format {
namespace {

constexpr std::uint32_t kApplicationBits = 0xFFFF0000;

// FLAG_TEXT of pylibmc and pymemcache: a str, stored as UTF-8.
constexpr std::uint32_t kText = 16;

constexpr bool is_ours(std::uint32_t flags) {
    return (flags & kApplicationBits) == (kEntryFlags & kApplicationBits);
}

}  // namespace

ItemKind classify_item(std::uint32_t flags, std::string_view value) {
    if (flags == kEntryFlags) {
        return ItemKind::Entry;
    }
    if (is_ours(flags)) {
        return ItemKind::NewerEntry;
    }
    return (flags == 0 || flags == kText) && !begins_as_entry(value) ? ItemKind::PlainBody
                                                                     : ItemKind::Foreign;
}

}  // namespace mcache::format
