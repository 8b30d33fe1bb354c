#include "memcached/placement/ring.h"

#include <libmemcached-1.0/memcached.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/placement/most_servers.h"
#include "unit/catch.h"

using namespace mcache::memcached;

namespace {

using Weights = std::array<std::uint32_t, 5>;
using Servers = std::array<Ring::Server, 5>;

constexpr Weights kEqual = {1, 1, 1, 1, 1};
constexpr Weights kWeights = {1, 2, 3, 1, 5};

const Servers kPorts = {{{"127.0.0.1", 21311},
                         {"127.0.0.1", 21312},
                         {"127.0.0.1", 21313},
                         {"127.0.0.1", 21314},
                         {"127.0.0.1", 21315}}};
const Servers kDefaultPort = {{{"127.9.0.1", 11211},
                               {"127.9.0.2", 11211},
                               {"127.9.0.3", 11211},
                               {"127.9.0.4", 11211},
                               {"127.9.0.5", 11211}}};
const Servers kSockets = {{{"/tmp/mcache-placement-0.sock", 0, 1, true},
                           {"/tmp/mcache-placement-1.sock", 0, 1, true},
                           {"/tmp/mcache-placement-2.sock", 0, 1, true},
                           {"/tmp/mcache-placement-3.sock", 0, 1, true},
                           {"/tmp/mcache-placement-4.sock", 0, 1, true}}};

struct Placement {
    const Servers& servers;
    const Weights& weights;
    Distribution distribution;
    Hash hash;
    std::string_view indexes;  // of the servers that hold the keys, a digit each
};

const Placement kPlacements[] = {
#include "unit/memcached/placement/placements.inc"
};

Servers weighted(Servers servers, const Weights& weights) {
    for (std::size_t i = 0; i < servers.size(); ++i) {
        servers[i].weight = weights[i];
    }
    return servers;
}

// libmemcached is built without some of its hashes: everywhere without Hsieh's, on 32-bit machines
// without those of 64 bits.
bool is_installed(memcached_hash_t hash) {
    const std::unique_ptr<memcached_st, void (*)(memcached_st*)> client(memcached_create(nullptr),
                                                                        memcached_free);
    return memcached_success(memcached_behavior_set(client.get(), MEMCACHED_BEHAVIOR_HASH, hash));
}

bool is_installed(Hash hash) {
    switch (hash) {
        case Hash::Fnv1_64:
            return is_installed(MEMCACHED_HASH_FNV1_64);
        case Hash::Fnv1a_64:
            return is_installed(MEMCACHED_HASH_FNV1A_64);
        case Hash::Hsieh:
            return is_installed(MEMCACHED_HASH_HSIEH);
        default:
            return true;
    }
}

std::string key_of(std::size_t i) {
    return "/page/" + std::to_string(i) + "?x=" + std::to_string(i * 7);
}

std::unique_ptr<Ring> ring_of(std::span<const Ring::Server> servers, Distribution distribution,
                              Hash hash) {
    std::string error;
    auto ring = Ring::create(servers, distribution, hash, error);
    INFO(error);
    REQUIRE(ring);
    return ring;
}

}  // namespace

TEST_CASE("Keys are where pylibmc puts them") {
    for (const Placement& placement : kPlacements) {
        if (!is_installed(placement.hash)) {
            WARN("left out: libmemcached was built without this hash");
            continue;
        }
        const auto ring = ring_of(weighted(placement.servers, placement.weights),
                                  placement.distribution, placement.hash);
        std::string found;
        for (std::size_t i = 0; i < placement.indexes.size(); ++i) {
            found += static_cast<char>('0' + ring->locate(key_of(i)));
        }
        CAPTURE(placement.servers[0].host, placement.weights[1],
                static_cast<int>(placement.distribution), static_cast<int>(placement.hash));
        CHECK(found == placement.indexes);
    }
}

TEST_CASE("Keys are where a client configured by libmemcached's own options puts them") {
    const std::string options =
        "--HASH=MURMUR --DISTRIBUTION=CONSISTENT --SERVER=127.0.0.1:21311 --SERVER=127.0.0.1:21312 "
        "--SERVER=127.0.0.1:21313 --SERVER=127.0.0.1:21314 --SERVER=127.0.0.1:21315";
    const std::unique_ptr<memcached_st, void (*)(memcached_st*)> client(
        memcached(options.c_str(), options.size()), memcached_free);
    REQUIRE(client);
    const auto ring = ring_of(kPorts, Distribution::Consistent, Hash::Murmur);
    for (std::size_t i = 0; i < 1000; ++i) {
        const std::string key = key_of(i);
        memcached_return_t result = MEMCACHED_SUCCESS;
        const auto* server = memcached_server_by_key(client.get(), key.data(), key.size(), &result);
        REQUIRE(server != nullptr);
        REQUIRE(memcached_server_port(server) == kPorts[ring->locate(key)].port);
    }
}

TEST_CASE("A pool of one server is placed too") {
    for (const Distribution distribution : {Distribution::Modula, Distribution::Consistent,
                                            Distribution::Ketama, Distribution::KetamaWeighted}) {
        const auto ring = ring_of(std::span(kPorts).first(1), distribution, Hash::Default);
        CHECK(ring->locate("/page") == 0);
        CHECK(ring->locate(std::string(250, 'k')) == 0);
    }
}

TEST_CASE("A server that is lost moves its own keys only, with ketama") {
    const auto five = ring_of(kPorts, Distribution::KetamaWeighted, Hash::Default);
    const auto four =
        ring_of(std::span(kPorts).first(4), Distribution::KetamaWeighted, Hash::Default);
    std::array<int, 5> keys{};
    for (std::size_t i = 0; i < 2000; ++i) {
        const std::size_t before = five->locate(key_of(i));
        ++keys[before];
        if (before != 4) {
            CHECK(four->locate(key_of(i)) == before);
        }
    }
    for (const int count : keys) {
        CHECK(count > 2000 / 5 / 2);
    }
}

TEST_CASE("A pool that libmemcached refuses") {
    std::string error;
    CHECK_FALSE(Ring::create({}, Distribution::Ketama, Hash::Default, error));
    CHECK(error == "there is no server");
    const Ring::Server nowhere[] = {{std::string(2000, 'x'), 11211}};
    error.clear();
    CHECK_FALSE(Ring::create(nowhere, Distribution::Ketama, Hash::Default, error));
    CHECK_FALSE(error.empty());
}

TEST_CASE("Names of distributions") {
    std::string error;
    CHECK(parse_distribution("modula", error) == Distribution::Modula);
    CHECK(parse_distribution("consistent", error) == Distribution::Consistent);
    CHECK(parse_distribution("ketama", error) == Distribution::Ketama);
    CHECK(parse_distribution("ketama_weighted", error) == Distribution::KetamaWeighted);
    CHECK(error.empty());
    CHECK_FALSE(parse_distribution("random", error));
    CHECK(error == "\"random\" would place the same key on a different server each time");
    CHECK_FALSE(parse_distribution("virtual_bucket", error));
    CHECK(error == "\"virtual_bucket\" needs a map of buckets, for which there is no directive");
    for (const char* name : {"", "Ketama", "ketama ", "hash"}) {
        CHECK_FALSE(parse_distribution(name, error));
        CHECK(error == "\"" + std::string(name) +
                           "\" is not one of modula, consistent, ketama, ketama_weighted");
    }
}

TEST_CASE("Names of hashes") {
    std::string error;
    const std::pair<const char*, Hash> names[] = {
        {"default", Hash::Default},   {"md5", Hash::Md5},           {"crc", Hash::Crc},
        {"fnv1_64", Hash::Fnv1_64},   {"fnv1a_64", Hash::Fnv1a_64}, {"fnv1_32", Hash::Fnv1_32},
        {"fnv1a_32", Hash::Fnv1a_32}, {"murmur", Hash::Murmur},     {"murmur3", Hash::Murmur3},
        {"jenkins", Hash::Jenkins},   {"hsieh", Hash::Hsieh},
    };
    for (const auto& [name, hash] : names) {
        error.clear();
        if (is_installed(hash)) {
            CHECK(parse_hash(name, error) == hash);
            CHECK(error.empty());
        } else {  // refused, and never silently replaced
            CHECK_FALSE(parse_hash(name, error));
            CHECK(error ==
                  "\"" + std::string(name) + "\" is not in the libmemcached that is installed");
            CHECK_FALSE(Ring::create(kPorts, Distribution::Modula, hash, error));
        }
    }
    CHECK_FALSE(parse_hash("sha256", error));
    CHECK_THAT(error, Catch::Matchers::StartsWith("\"sha256\" is not one of default, md5, crc"));
}

TEST_CASE("More servers than libmemcached has room for are refused, not tried") {
    std::vector<Ring::Server> servers;
    for (std::size_t i = 0; i < kMostServers; ++i) {
        servers.push_back({"10.0.0." + std::to_string(i), 11211});
    }
    for (const Distribution distribution : {Distribution::Modula, Distribution::Consistent,
                                            Distribution::Ketama, Distribution::KetamaWeighted}) {
        std::string error;
        CHECK(Ring::create(servers, distribution, Hash::Default, error) != nullptr);
        CHECK(error.empty());
        std::vector<Ring::Server> more = servers;
        more.push_back({"10.0.1.1", 11211});
        CHECK(Ring::create(more, distribution, Hash::Default, error) == nullptr);
        CHECK(error == "libmemcached places keys on at most 100 servers, here are 101");
    }
}
