#include "local/live_values.h"

#include <algorithm>
#include <optional>

#include "unit/catch.h"

using mcache::BufferRef;
using mcache::memcached::ItemIdentity;
using mcache::memcached::LiveValues;

namespace {

constexpr std::size_t kSize = LiveValues::kLarge;

ItemIdentity item(std::uint64_t cas) {
    return {.connection = 1, .cas = cas, .expires = 1000, .flags = 0, .size = kSize};
}

}  // namespace

TEST_CASE("a value that comes again is the one that lives") {
    LiveValues values;
    BufferRef first = values.unite("a", item(7), BufferRef::allocate(kSize));
    BufferRef again = values.unite("a", item(7), BufferRef::allocate(kSize));
    CHECK(&*first == &*again);
    CHECK(&*values.unite("b", item(7), BufferRef::allocate(kSize)) != &*first);
    first = BufferRef();
    CHECK(&*values.unite("a", item(7), BufferRef::allocate(kSize)) == &*again);
    again = BufferRef();
    CHECK(values.count() == 0);
}

TEST_CASE("over another connection it has to be the same bytes") {
    LiveValues values;
    const auto filled = [](char with) {
        BufferRef value = BufferRef::allocate(kSize);
        std::fill_n(value->data(), kSize, with);
        return value;
    };
    ItemIdentity other = item(7);
    other.connection = 2;
    const BufferRef first = values.unite("a", item(7), filled('x'));
    CHECK(&*values.unite("a", other, filled('x')) == &*first);
    CHECK(&*values.unite("a", other, filled('y')) != &*first);
}

TEST_CASE("a newer value takes the place of one that lives on") {
    LiveValues values;
    BufferRef old = values.unite("a", item(7), BufferRef::allocate(kSize));
    BufferRef now = values.unite("a", item(8), BufferRef::allocate(kSize));
    CHECK(&*old != &*now);
    CHECK(&*values.unite("a", item(8), BufferRef::allocate(kSize)) == &*now);
    old = BufferRef();
    CHECK(&*values.unite("a", item(8), BufferRef::allocate(kSize)) == &*now);
    CHECK(values.count() == 1);
}

TEST_CASE("small values, and items that cannot be known again, are not looked for") {
    LiveValues values;
    const BufferRef small = values.unite("a", item(7), BufferRef::allocate(kSize - 1));
    const BufferRef unknown = values.unite("b", item(0), BufferRef::allocate(kSize));
    CHECK(values.count() == 0);
}

TEST_CASE("a value may outlive the list") {
    std::optional<LiveValues> values(std::in_place);
    const BufferRef value = values->unite("a", item(7), BufferRef::allocate(kSize));
    values.reset();
    CHECK(value->size() == kSize);
}
