#include "memcached/client/known_addresses.h"

#include <array>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "unit/catch.h"

using mcache::net::KnownAddress;
using mcache::net::KnownAddresses;

namespace {

using Records = std::array<KnownAddress, KnownAddresses::kMost>;

std::string address(std::size_t i) {
    return "address-" + std::to_string(i);
}

}  // namespace

TEST_CASE("An address has one record, which all workers find") {
    const auto records = std::make_unique<Records>();
    const KnownAddresses known(records->data());
    CHECK(known.claim(0, "a") == 0);
    CHECK(known.claim(0, "b") == 1);
    CHECK(known.claim(0, "a") == 0);
    CHECK(known.claim(1, "a") == 2);  // the same address under another name
    CHECK(known.at(1).address() == "b");
    CHECK(known.at(2).line == 1);
    CHECK(known.at(2).readable.load());
}

TEST_CASE("Without shared memory, and where all records are taken, there is none") {
    CHECK(KnownAddresses().claim(0, "a") == KnownAddresses::kMost);
    const auto records = std::make_unique<Records>();
    const KnownAddresses known(records->data());
    for (std::size_t i = 0; i < KnownAddresses::kMost; ++i) {
        CHECK(known.claim(0, address(i)) == i);
    }
    CHECK(known.claim(0, "one more") == KnownAddresses::kMost);
    CHECK(known.claim(0, address(7)) == 7);
}

TEST_CASE("Workers that claim at the same time agree") {
    constexpr std::size_t kAddresses = 100;
    constexpr std::size_t kWorkers = 4;
    const auto records = std::make_unique<Records>();
    const KnownAddresses known(records->data());
    std::array<std::array<std::size_t, kAddresses>, kWorkers> claimed{};
    std::vector<std::thread> workers;
    for (std::size_t w = 0; w < kWorkers; ++w) {
        workers.emplace_back([&, w] {
            for (std::size_t i = 0; i < kAddresses; ++i) {
                const std::size_t which = (i + w * 25) % kAddresses;
                claimed[w][which] = known.claim(0, address(which));
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    for (std::size_t w = 1; w < kWorkers; ++w) {
        CHECK(claimed[w] == claimed[0]);
    }
    CHECK(std::set<std::size_t>(claimed[0].begin(), claimed[0].end()).size() == kAddresses);
    for (std::size_t i = 0; i < kAddresses; ++i) {
        CHECK(known.at(claimed[0][i]).address() == address(i));
    }
}
