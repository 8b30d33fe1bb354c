#pragma once

// Which server of a pool a key belongs to. The placement is libmemcached's, so that an
// application's delete through pylibmc, PHP's memcached extension or another client built on
// libmemcached, set to the same distribution and hash, reaches the same server.
//
// The hash is set first, then the distribution, then the servers are added, as pylibmc does. A
// client that sets the hash last gets another ring from libmemcached, except with Modula.
//
// libmemcached is used for nothing else: it opens no connection here.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcache::memcached {

// How the hash of a key becomes a server; the names are libmemcached's.
enum class Distribution : std::uint8_t {
    Modula,
    Consistent,
    Ketama,
    KetamaWeighted,  // the default: a lost server moves its own keys only, weights are honoured
};

// The hash of the key; the names are libmemcached's.
enum class Hash : std::uint8_t {
    Default,  // one_at_a_time
    Md5,
    Crc,
    Fnv1_64,
    Fnv1a_64,
    Fnv1_32,
    Fnv1a_32,
    Hsieh,
    Murmur,
    Murmur3,
    Jenkins,
};

// Whether the hash is MD5 whatever the configuration says, as libmemcached has it for its behaviour
// KETAMA_WEIGHTED. A configuration that names another hash beside it deserves a warning.
constexpr bool ignores_hash(Distribution distribution) {
    return distribution == Distribution::KetamaWeighted;
}

// Empty, with a sentence in `error`, when the name is unknown or cannot be used: `random` and
// `virtual_bucket` do not place a key on the same server for two clients, and the library may have
// been built without `hsieh` or `murmur`.
std::optional<Distribution> parse_distribution(std::string_view name, std::string& error);
std::optional<Hash> parse_hash(std::string_view name, std::string& error);

class Ring {
  public:
    struct Server {
        // The text that the application names the server by, since ketama hashes it: an address or
        // a name, IPv6 without brackets; or the path of a unix socket.
        std::string host;
        std::uint16_t port = 0;  // 0 for a unix socket
        // Modula ignores it. With the others, a weight above 1 makes libmemcached place by weight.
        std::uint32_t weight = 1;
        bool is_unix = false;
    };

    // The order of `servers` matters to Modula, and is what locate() refers to.
    // Null, with a sentence in `error`, when libmemcached refuses.
    static std::unique_ptr<Ring> create(std::span<const Server> servers, Distribution distribution,
                                        Hash hash, std::string& error);
    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    // Index of the server that holds `key` (the key as memcached sees it). Allocates nothing.
    std::size_t locate(std::string_view key) const;

  private:
    struct Library;
    explicit Ring(std::unique_ptr<Library> library);

    std::unique_ptr<Library> library_;
};

}  // namespace mcache::memcached
