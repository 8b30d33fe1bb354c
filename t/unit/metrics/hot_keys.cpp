#include "metrics/hot_keys.h"

#include <string>

#include "unit/catch.h"

using namespace mcache;

namespace {

constexpr std::int64_t kNow = 1000000;

std::vector<HotKeys::Seen> hottest(const HotKeys& keys, std::int64_t now, std::uint64_t& total) {
    std::vector<HotKeys::Seen> seen;
    total = 0;
    keys.read(now, seen, total);
    return merge_hot_keys(std::move(seen), 5);
}

}  // namespace

TEST_CASE("A hot key is found among many others, and never counted too high") {
    HotKeys keys;
    for (int i = 0; i < 20000; ++i) {
        keys.note(i % 4 == 0 ? "hot" : "cold" + std::to_string(i), kNow);
        if (i % 10 == 0) {
            keys.note("warm", kNow);
        }
    }
    std::uint64_t total = 0;
    const auto seen = hottest(keys, kNow, total);
    CHECK(total == 22000);
    REQUIRE(seen.size() >= 2);
    CHECK(seen[0].key == "hot");
    CHECK(seen[0].count <= 5000);
    CHECK(seen[0].count >= 4500);
    CHECK(seen[1].key == "warm");
    CHECK(seen[1].count <= 2000);
}

TEST_CASE("Counts are halved every minute, also when nobody asks any more") {
    HotKeys keys;
    for (int i = 0; i < 8; ++i) {
        keys.note("key", kNow);
    }
    std::uint64_t total = 0;
    CHECK(hottest(keys, kNow + 59, total)[0].count == 8);
    CHECK(hottest(keys, kNow + 60, total)[0].count == 4);
    CHECK(total == 4);
    CHECK(hottest(keys, kNow + 600, total).empty());
    keys.note("key", kNow + 120);
    CHECK(hottest(keys, kNow + 120, total)[0].count == 3);
}

TEST_CASE("A long key is cut, and told from others with the same beginning") {
    HotKeys keys;
    const std::string beginning(HotKeys::kTextSize, 'x');
    keys.note(beginning + "1", kNow);
    keys.note(beginning + "2", kNow);
    keys.note(beginning, kNow);
    keys.note("", kNow);
    std::uint64_t total = 0;
    const auto seen = hottest(keys, kNow, total);
    REQUIRE(seen.size() == 4);
    int cut = 0;
    for (const auto& one : seen) {
        CHECK((one.key == beginning || one.key.empty()));
        cut += one.cut ? 1 : 0;
    }
    CHECK(cut == 2);
}

TEST_CASE("Workers' counts of a key are added") {
    HotKeys one;
    HotKeys two;
    one.note("a", kNow);
    two.note("a", kNow);
    two.note("b", kNow);
    std::vector<HotKeys::Seen> seen;
    std::uint64_t total = 0;
    one.read(kNow, seen, total);
    two.read(kNow, seen, total);
    const auto merged = merge_hot_keys(std::move(seen), 1);
    REQUIRE(merged.size() == 1);
    CHECK(merged[0].key == "a");
    CHECK(merged[0].count == 2);
    CHECK(total == 3);
}
