#include "memcached/placement/placement.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "unit/catch.h"

using namespace mcache::memcached;

namespace {

constexpr std::size_t kKeys = 2000;

std::string key_of(std::size_t i) {
    return "/page/" + std::to_string(i);
}

// Slots 10, 11 and so on.
std::vector<Placement::Member> members(std::size_t count) {
    std::vector<Placement::Member> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(21311 + i);
        out.push_back({10 + i, {"127.0.0.1", port}});
    }
    return out;
}

std::unique_ptr<Placement> placement_of(std::vector<Placement::Member> list,
                                        Distribution distribution = Distribution::KetamaWeighted) {
    std::string error;
    auto placement = Placement::create(std::move(list), distribution, Hash::Default, error);
    INFO(error);
    REQUIRE(placement);
    return placement;
}

}  // namespace

TEST_CASE("The first candidate is the server that libmemcached names") {
    std::string error;
    std::vector<Ring::Server> servers;
    for (const Placement::Member& member : members(5)) {
        servers.push_back(member.server);
    }
    const auto ring = Ring::create(servers, Distribution::KetamaWeighted, Hash::Default, error);
    const auto placement = placement_of(members(5));
    for (std::size_t i = 0; i < kKeys; ++i) {
        const std::string key = key_of(i);
        REQUIRE(placement->locate(key) == 10 + ring->locate(key));
        REQUIRE(placement->candidates(key, 3)[0] == placement->locate(key));
    }
}

TEST_CASE("The second candidate is where the key would be without the first") {
    for (const Distribution distribution :
         {Distribution::Modula, Distribution::Ketama, Distribution::KetamaWeighted}) {
        const auto placement = placement_of(members(4), distribution);
        for (std::size_t lost = 0; lost < 4; ++lost) {
            auto rest = members(4);
            rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(lost));
            const auto without = placement_of(rest, distribution);
            for (std::size_t i = 0; i < kKeys; ++i) {
                const auto two = placement->candidates(key_of(i), 2);
                REQUIRE(two.size() == 2);
                if (two[0] == 10 + lost) {
                    REQUIRE(two[1] == without->locate(key_of(i)));
                }
            }
        }
    }
}

TEST_CASE("The keys of a lost server spread over all others") {
    const auto placement = placement_of(members(5));
    std::array<std::array<std::size_t, 5>, 5> counts{};
    for (std::size_t i = 0; i < 10 * kKeys; ++i) {
        const auto two = placement->candidates(key_of(i), 2);
        ++counts[two[0] - 10][two[1] - 10];
    }
    for (std::size_t first = 0; first < 5; ++first) {
        for (std::size_t second = 0; second < 5; ++second) {
            CAPTURE(first, second);
            CHECK((first == second ? counts[first][second] == 0
                                   : counts[first][second] > 10 * kKeys / 5 / 4 / 3));
        }
    }
}

TEST_CASE("No candidate comes twice, and a shorter list is how a longer one begins") {
    const auto placement = placement_of(members(5));
    for (std::size_t i = 0; i < kKeys; ++i) {
        const auto all = placement->candidates(key_of(i), 5);
        CHECK(std::set<std::size_t>(all.begin(), all.end()).size() == 5);
        for (std::size_t count = 1; count < 5; ++count) {
            const auto some = placement->candidates(key_of(i), count);
            REQUIRE(some.size() == count);
            REQUIRE(std::equal(some.begin(), some.end(), all.begin()));
        }
    }
}

TEST_CASE("There are not more candidates than servers") {
    CHECK(placement_of(members(1))->candidates("/page", 3).size() == 1);
    CHECK(placement_of(members(1))->candidates("/page", 3)[0] == 10);
    CHECK(placement_of(members(2))->candidates("/page", 3).size() == 2);
    CHECK(placement_of(members(9))->candidates("/page", 9).size() == Placement::kMaxCandidates);
    CHECK(placement_of(members(3))->candidates("/page", 0).size() == 0);
}

TEST_CASE("A placement that libmemcached refuses") {
    std::string error;
    CHECK_FALSE(Placement::create({}, Distribution::Ketama, Hash::Default, error));
    CHECK(error == "there is no server");
}
