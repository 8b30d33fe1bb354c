#include "local/local_tier.h"

#include <algorithm>
#include <string>

#include "base/memory_file.h"
#include "unit/catch.h"

using mcache::BufferRef;
using mcache::memcached::ItemIdentity;
using mcache::memcached::LocalTier;

namespace {

constexpr std::size_t kMiB = 1024 * 1024;

BufferRef value_of(std::size_t size, char fill = 'v') {
    BufferRef value = BufferRef::allocate(size);
    std::fill_n(value->data(), size, fill);
    return value;
}

ItemIdentity item(std::uint64_t cas) {
    return {.connection = 1, .cas = cas, .expires = 1000, .flags = 7, .size = 16000};
}

std::string key(const char* of, int i) {
    return std::string(of) + std::to_string(i);
}

// As a hit, or as a miss whose value then came from memcached.
bool ask(LocalTier& tier, const std::string& of, std::size_t size = 16000) {
    if (tier.look(of).value) {
        return true;
    }
    tier.keep(of, item(1), value_of(size));
    return false;
}

}  // namespace

TEST_CASE("An item is known again by all that memcached says of it") {
    CHECK(item(5).is_of(item(5)));
    CHECK_FALSE(item(5).is_of(item(6)));
    CHECK_FALSE(item(0).is_of(item(0)));  // memcached counts no CAS

    ItemIdentity other = item(5);
    other.connection = 2;  // memcached may have been restarted, and counts anew
    CHECK_FALSE(item(5).is_of(other));
    other = item(5);
    other.flags = 8;
    CHECK_FALSE(item(5).is_of(other));
    other = item(5);
    other.size = 16001;
    CHECK_FALSE(item(5).is_of(other));
    other = item(5);
    other.expires = 0;
    CHECK_FALSE(item(5).is_of(other));
    CHECK_FALSE(other.is_of(item(5)));
}

TEST_CASE("An item may seem to expire some seconds earlier or later, not more") {
    for (const int by : {-2, -1, 0, 1, 2}) {
        ItemIdentity other = item(5);
        other.expires += by;
        CHECK(item(5).is_of(other));
    }
    for (const int by : {-3, 3, 600}) {
        ItemIdentity other = item(5);
        other.expires += by;
        CHECK_FALSE(item(5).is_of(other));
    }
}

TEST_CASE("What was kept is found as it was, until it is dropped") {
    LocalTier tier(kMiB);
    CHECK_FALSE(tier.look("k").value);
    BufferRef value = value_of(10);
    tier.keep("k", item(5), value);
    const LocalTier::Item found = tier.look("k");
    REQUIRE(found.value);
    CHECK(&*found.value == &*value);  // no copy
    CHECK(found.identity.cas == 5);
    CHECK(found.identity.flags == 7);
    CHECK_FALSE(tier.look("other").value);

    tier.drop("k", item(6));  // somebody has kept what is newer
    CHECK(tier.look("k").value);
    tier.drop("k", item(5));
    CHECK_FALSE(tier.look("k").value);
    CHECK(found.value->view() == "vvvvvvvvvv");  // who has it has it
}

TEST_CASE("A newer value takes the place of the older one of its key") {
    LocalTier tier(kMiB);
    tier.keep("k", item(5), value_of(10, 'a'));
    const std::size_t used = tier.used();
    tier.keep("k", item(6), value_of(10, 'b'));
    CHECK(tier.used() == used);
    CHECK(tier.look("k").value->view() == "bbbbbbbbbb");
    CHECK(tier.look("k").identity.cas == 6);
}

TEST_CASE("What cannot be known again for sure is not kept, nor what was there before it") {
    LocalTier tier(kMiB);
    tier.keep("k", item(5), value_of(10));
    tier.keep("k", item(0), value_of(10));
    CHECK_FALSE(tier.look("k").value);
    ItemIdentity forever = item(5);
    forever.expires = 0;
    tier.keep("k", forever, value_of(10));
    CHECK_FALSE(tier.look("k").value);
}

TEST_CASE("The memory stays below its size, and is given back") {
    for (const std::size_t size : {kMiB, 3 * kMiB, 64 * kMiB}) {
        CAPTURE(size);
        LocalTier tier(size);
        const std::size_t empty = tier.used();
        CHECK(empty <= size / 50);
        std::size_t most = 0;
        for (int i = 0; i < 3000; ++i) {
            for (int times = 0; times < i % 7; ++times) {
                ask(tier, key("k", i), static_cast<std::size_t>(i) * 7919 % 300000);
            }
            most = std::max(most, tier.used());
        }
        CHECK(most <= size);
        CHECK(most > size - size / 3);
        for (int i = 0; i < 3000; ++i) {
            tier.drop(key("k", i), item(1));
        }
        CHECK(tier.used() == empty);
    }
}

TEST_CASE("A value counts with its key and with what finds it") {
    LocalTier tier(kMiB);
    const std::size_t before = tier.used();
    const BufferRef value = value_of(16000);
    tier.keep(std::string(250, 'k'), item(1), value);
    CHECK(value->memory() >= 16000);
    CHECK(tier.used() - before >= value->memory() + 250);
    CHECK(tier.used() - before <= value->memory() + 600);
}

TEST_CASE("One value does not take all of the memory") {
    LocalTier tier(kMiB);
    ask(tier, "large", kMiB / 4);
    CHECK_FALSE(tier.look("large").value);
    ask(tier, "less", kMiB / 4 - 16000);
    CHECK(tier.look("less").value);
}

TEST_CASE("A large value that is asked for again and again is moved into a file") {
    LocalTier tier(kMiB);
    tier.keep("large", item(1), value_of(100000));
    tier.keep("small", item(1), value_of(1000));
    const std::size_t used = tier.used();
    CHECK(tier.look("large").value->fd() == -1);
    for (int times = 0; times < 10; ++times) {
        tier.look("large");
        tier.look("small");
    }
    CHECK(tier.look("large").value->fd() != -1);
    CHECK(tier.look("large").value->view() == value_of(100000)->view());
    CHECK(tier.look("small").value->fd() == -1);
    CHECK(tier.used() == used);
}

TEST_CASE("The hottest of the large values have the files, also those that came late") {
    constexpr int kFiles = mcache::kMaxMemoryFiles;
    LocalTier tier(64 * kMiB);
    const auto look = [&](const std::string& of, int times) {
        for (int i = 0; i < times; ++i) {
            ask(tier, of, 100000);
        }
    };
    const auto has_file = [&](const std::string& of) { return tier.look(of).value->fd() != -1; };
    for (int i = 0; i < kFiles; ++i) {
        look(key("early", i), 12);
    }
    const std::size_t used = tier.used();
    look("late", 9);
    CHECK_FALSE(has_file("late"));
    CHECK(has_file("early0"));
    look("late", 40);
    CHECK(has_file("late"));
    CHECK(tier.look("late").value->view() == value_of(100000)->view());
    int in_files = 0;
    for (int i = 0; i < kFiles; ++i) {
        in_files += has_file(key("early", i));
        CHECK(tier.look(key("early", i)).value->view() == value_of(100000)->view());
    }
    CHECK(in_files == kFiles - 1);
    CHECK(tier.used() > used);
}

TEST_CASE("A scan of cold keys takes no hot one's place") {
    LocalTier tier(kMiB);
    constexpr int kHot = 50;
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < kHot; ++i) {
            ask(tier, key("hot", i));
        }
    }
    for (int i = 0; i < 10 * kHot; ++i) {
        ask(tier, key("cold", i));
    }
    int hits = 0;
    for (int i = 0; i < kHot; ++i) {
        hits += ask(tier, key("hot", i));
    }
    CHECK(hits == kHot);
}

TEST_CASE("What has become hot takes the place of what was") {
    LocalTier tier(kMiB);
    for (int round = 0; round < 30; ++round) {
        for (int i = 0; i < 60; ++i) {
            ask(tier, key("old", i));
        }
    }
    int hits = 0;
    for (int round = 0; round < 40; ++round) {
        hits = 0;
        for (int i = 0; i < 50; ++i) {
            hits += ask(tier, key("new", i));
        }
    }
    CHECK(hits == 50);
}
