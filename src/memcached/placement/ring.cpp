#include "memcached/placement/ring.h"

#include <libmemcached-1.0/memcached.h>

#include <array>
#include <new>
#include <utility>

#include "memcached/placement/most_servers.h"

namespace mcache::memcached {
namespace {

// libmemcached's names are those of its enumerators, in lower case.
constexpr std::array<std::pair<std::string_view, Distribution>, 4> kDistributions{{
    {"modula", Distribution::Modula},
    {"consistent", Distribution::Consistent},
    {"ketama", Distribution::Ketama},
    {"ketama_weighted", Distribution::KetamaWeighted},
}};

constexpr std::array<std::pair<std::string_view, Hash>, 11> kHashes{{
    {"default", Hash::Default},
    {"md5", Hash::Md5},
    {"crc", Hash::Crc},
    {"fnv1_64", Hash::Fnv1_64},
    {"fnv1a_64", Hash::Fnv1a_64},
    {"fnv1_32", Hash::Fnv1_32},
    {"fnv1a_32", Hash::Fnv1a_32},
    {"hsieh", Hash::Hsieh},
    {"murmur", Hash::Murmur},
    {"murmur3", Hash::Murmur3},
    {"jenkins", Hash::Jenkins},
}};

struct FreeClient {
    void operator()(memcached_st* memc) const { memcached_free(memc); }
};

// A client of the library that never connects.
using Client = std::unique_ptr<memcached_st, FreeClient>;

Client new_client() {
    Client client(memcached_create(nullptr));
    if (client == nullptr) {
        throw std::bad_alloc();
    }
    return client;
}

std::string quoted(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

template <class Names>
auto find_name(const Names& names, std::string_view name, std::string& error)
    -> std::optional<typename Names::value_type::second_type> {
    for (const auto& [known, value] : names) {
        if (known == name) {
            return value;
        }
    }
    error = quoted(name) + " is not one of";
    for (const auto& [known, value] : names) {
        error.append(known == names.front().first ? " " : ", ").append(known);
    }
    return std::nullopt;
}

memcached_hash_t library_hash(Hash hash) {
    switch (hash) {
        case Hash::Default:
            return MEMCACHED_HASH_DEFAULT;
        case Hash::Md5:
            return MEMCACHED_HASH_MD5;
        case Hash::Crc:
            return MEMCACHED_HASH_CRC;
        case Hash::Fnv1_64:
            return MEMCACHED_HASH_FNV1_64;
        case Hash::Fnv1a_64:
            return MEMCACHED_HASH_FNV1A_64;
        case Hash::Fnv1_32:
            return MEMCACHED_HASH_FNV1_32;
        case Hash::Fnv1a_32:
            return MEMCACHED_HASH_FNV1A_32;
        case Hash::Hsieh:
            return MEMCACHED_HASH_HSIEH;
        case Hash::Murmur:
            return MEMCACHED_HASH_MURMUR;
        case Hash::Murmur3:
            return MEMCACHED_HASH_MURMUR3;
        case Hash::Jenkins:
            return MEMCACHED_HASH_JENKINS;
    }
    return MEMCACHED_HASH_MAX;
}

memcached_return_t set_distribution(memcached_st* memc, Distribution distribution) {
    switch (distribution) {
        case Distribution::Modula:
            return memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_DISTRIBUTION,
                                          MEMCACHED_DISTRIBUTION_MODULA);
        case Distribution::Consistent:
            return memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_DISTRIBUTION,
                                          MEMCACHED_DISTRIBUTION_CONSISTENT);
        case Distribution::Ketama:
            return memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_KETAMA, 1);
        case Distribution::KetamaWeighted:
            return memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    }
    return MEMCACHED_INVALID_ARGUMENTS;
}

memcached_return_t add_server(memcached_st* memc, const Ring::Server& server) {
    if (server.is_unix) {
        return memcached_server_add_unix_socket_with_weight(memc, server.host.c_str(),
                                                            server.weight);
    }
    return memcached_server_add_with_weight(memc, server.host.c_str(), server.port, server.weight);
}

}  // namespace

std::optional<Distribution> parse_distribution(std::string_view name, std::string& error) {
    if (name == "random") {
        error = "\"random\" would place the same key on a different server each time";
        return std::nullopt;
    }
    if (name == "virtual_bucket") {
        error = "\"virtual_bucket\" needs a map of buckets, for which there is no directive";
        return std::nullopt;
    }
    return find_name(kDistributions, name, error);
}

std::optional<Hash> parse_hash(std::string_view name, std::string& error) {
    const std::optional<Hash> hash = find_name(kHashes, name, error);
    const Client probe = new_client();
    if (hash && memcached_failed(memcached_behavior_set(probe.get(), MEMCACHED_BEHAVIOR_HASH,
                                                        library_hash(*hash)))) {
        error = quoted(name) + " is not in the libmemcached that is installed";
        return std::nullopt;
    }
    return hash;
}

struct Ring::Library {
    Client client = new_client();
};

Ring::Ring(std::unique_ptr<Library> library) : library_(std::move(library)) {}

Ring::~Ring() = default;

std::unique_ptr<Ring> Ring::create(std::span<const Server> servers, Distribution distribution,
                                   Hash hash, std::string& error) {
    if (servers.empty()) {
        error = "there is no server";
        return nullptr;
    }
    if (servers.size() > kMostServers) {
        error = "libmemcached places keys on at most " + std::to_string(kMostServers) +
                " servers, here are " + std::to_string(servers.size());
        return nullptr;
    }
    auto library = std::make_unique<Library>();
    memcached_st* memc = library->client.get();
    // The order is that of pylibmc, and it matters: points of the ring are hashed when the
    // distribution is set and when a server is added, and KETAMA_WEIGHTED replaces the hash.
    memcached_return_t result =
        memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_HASH, library_hash(hash));
    if (memcached_success(result)) {
        result = set_distribution(memc, distribution);
    }
    if (memcached_failed(result)) {
        error = memcached_last_error_message(memc);
        return nullptr;
    }
    for (const Server& server : servers) {
        if (memcached_failed(add_server(memc, server))) {
            error = server.host + ": " + memcached_last_error_message(memc);
            return nullptr;
        }
    }
    return std::unique_ptr<Ring>(new Ring(std::move(library)));
}

std::size_t Ring::locate(std::string_view key) const {
    return memcached_generate_hash(library_->client.get(), key.data(), key.size());
}

}  // namespace mcache::memcached
