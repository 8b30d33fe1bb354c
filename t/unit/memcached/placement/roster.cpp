#include "memcached/placement/roster.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>
#include <vector>

#include "memcached/placement/ring.h"
#include "unit/catch.h"

using namespace mcache::memcached;

namespace {

Address v4(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(11211);
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    return Address(reinterpret_cast<const char*>(&address), sizeof(address));
}

Address v6(const std::string& text) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(11211);
    inet_pton(AF_INET6, text.c_str(), &address.sin6_addr);
    return Address(reinterpret_cast<const char*>(&address), sizeof(address));
}

using Slots = std::vector<Roster::Slot>;
using Addresses = std::vector<Address>;

}  // namespace

TEST_CASE("Of a name's addresses the IPv4 ones are its servers, each once, in one order") {
    const Address one = v4("10.0.0.1");
    const Address two = v4("10.0.0.2");
    CHECK(choose_addresses({two, v6("::1"), one, two}) == Addresses{one, two});
    CHECK(choose_addresses({one, two}) == choose_addresses({two, one}));
    CHECK(choose_addresses({v6("::2"), v6("::1")}) == Addresses{v6("::1"), v6("::2")});
    CHECK(choose_addresses({}).empty());
}

TEST_CASE("A line with an address is a server from the beginning, a name has none yet") {
    const Roster roster({false, true, false}, 8);
    CHECK(roster.size() == 3);
    CHECK(roster.actives() == Slots{0, 2});
}

TEST_CASE("Addresses get slots, keep them while others come and go, and find them again") {
    Roster roster({true}, 8);
    const Address a = v4("10.0.0.1");
    const Address b = v4("10.0.0.2");
    const Address c = v4("10.0.0.3");
    Roster::Change change = roster.replace(0, Addresses{a, c});
    CHECK(change.came == Slots{1, 2});
    CHECK(change.went.empty());
    CHECK(roster.address(2) == c);

    change = roster.replace(0, Addresses{a, b, c});
    CHECK(change.came == Slots{3});
    CHECK(roster.actives() == Slots{1, 3, 2});

    change = roster.replace(0, Addresses{b, c});
    CHECK(change.went == Slots{1});
    CHECK_FALSE(roster.active(1));
    CHECK(roster.actives() == Slots{3, 2});

    change = roster.replace(0, Addresses{b, c});
    CHECK(change.empty());

    change = roster.replace(0, Addresses{a, b, c});
    CHECK(change.came == Slots{1});
    CHECK(roster.size() == 4);
}

TEST_CASE("Names do not take each other's servers away, and lines keep their order") {
    Roster roster({true, false, true}, 8);
    const Address a = v4("10.0.0.1");
    (void)roster.replace(2, Addresses{a});
    const Roster::Change change = roster.replace(0, Addresses{a});
    CHECK(change.came == Slots{4});
    CHECK(roster.actives() == Slots{4, 1, 3});
    CHECK(roster.line(4) == 0);
    CHECK(roster.replace(0, Addresses{}).went == Slots{4});
    CHECK(roster.actives() == Slots{1, 3});
}

TEST_CASE("Where all slots are taken a new address is refused, a known one is not") {
    Roster roster({true}, 2);
    const Address a = v4("10.0.0.1");
    const Address b = v4("10.0.0.2");
    const Address c = v4("10.0.0.3");
    (void)roster.replace(0, Addresses{a, b});
    const Roster::Change change = roster.replace(0, Addresses{b, c});
    CHECK(change.refused == 1);
    CHECK(change.went == Slots{1});
    CHECK(roster.actives() == Slots{2});
    CHECK(roster.replace(0, Addresses{a, b}).came == Slots{1});
}

TEST_CASE("One address more moves its share of the keys, and all of them to itself") {
    Roster roster({true}, 32);
    Addresses addresses;
    for (int i = 1; i <= 10; ++i) {
        addresses.push_back(v4("10.0.0." + std::to_string(i)));
    }
    const auto ring = [&] {
        std::vector<Ring::Server> servers;
        for (const Roster::Slot slot : roster.actives()) {
            servers.push_back({"10.0.0." + std::to_string(slot), 11211});
        }
        std::string error;
        return Ring::create(servers, Distribution::KetamaWeighted, Hash::Default, error);
    };
    (void)roster.replace(0, addresses);
    const auto before = ring();
    addresses.push_back(v4("10.0.0.11"));
    CHECK(roster.replace(0, addresses).came == Slots{11});
    const auto after = ring();
    const Slots slots = roster.actives();
    int moved = 0;
    for (int i = 0; i < 10000; ++i) {
        const std::string key = "/page/" + std::to_string(i);
        const Roster::Slot from = slots[before->locate(key)];
        const Roster::Slot to = slots[after->locate(key)];
        moved += from != to ? 1 : 0;
        REQUIRE((from == to || to == 11));
    }
    CHECK(moved > 500);
    CHECK(moved < 1500);
}
