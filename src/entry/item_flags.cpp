#include "entry/item_flags.h"

namespace mcache::entry {
namespace {

constexpr std::uint32_t kApplicationBits = 0xFFFF0000;

// FLAG_TEXT of pylibmc and pymemcache: a str, stored as UTF-8.
constexpr std::uint32_t kText = 16;

constexpr bool is_ours(std::uint32_t flags) {
    return (flags & kApplicationBits) == (kEntryFlags & kApplicationBits);
}

}  // namespace

ItemKind classify_item(std::uint32_t flags) {
    if (flags == kEntryFlags) {
        return ItemKind::Entry;
    }
    if (is_ours(flags)) {
        return ItemKind::NewerEntry;
    }
    const std::uint32_t client_bits = flags & ~kApplicationBits;
    return client_bits == 0 || client_bits == kText ? ItemKind::PlainBody : ItemKind::Foreign;
}

bool is_plain_body(std::uint32_t flags) {
    return classify_item(flags) == ItemKind::PlainBody;
}

}  // namespace mcache::entry
