#pragma once

// The memcached client of one worker and one pool: non-blocking, persistent, pipelined. A command
// is queued, and everything that one turn of the event loop queued leaves in one write. Placement
// is libmemcached's (memcached::Ring).

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "memcached/ring.h"
#include "net/operation.h"
#include "net/server.h"
#include "ngx/api.h"

namespace mcache::net {

// As configured. Lives in the cycle.
struct PoolOptions {
    std::string name;
    std::vector<ServerOptions> servers;
    memcached::Distribution distribution = memcached::Distribution::KetamaWeighted;
    memcached::Hash hash = memcached::Hash::Default;
    std::unique_ptr<memcached::Ring> ring;
    ngx_uint_t connections = 1;        // per worker and server
    ngx_msec_t connect_timeout = 250;  // until the server has said its version
    ngx_msec_t timeout = 500;          // from a command to its whole reply
    size_t max_item_size = 1024 * 1024;
    size_t max_pending_stores = 64 * 1024 * 1024;  // bytes per worker, further stores are dropped
};

class Client {
  public:
    explicit Client(const PoolOptions& options);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Asks for a legal key. True: the waiter will be called, from the event loop. False: nobody can
    // be asked now, `answer` says why, and the waiter will not be called.
    // Asking for a key that is already under way joins that command, until its reply begins.
    // With a lease (seconds, 0: none) memcached makes an empty stub where there is nothing, for one
    // party of all that ask: it is to store with the stub's CAS, or to remove the stub.
    bool get(std::string_view key, std::int64_t lease, GetWaiter& waiter, Answer& answer);

    // Sends a value off; nobody waits for it. False when it was not queued: the server is down, the
    // value does not fit into an item, or too much is pending.
    bool store(std::string_view key, StoreCommand&& command);

    // Deletes, with `cas` only what still has it; nobody waits for it. False when it was not
    // queued: the server is down.
    bool remove(std::string_view key, std::optional<std::uint64_t> cas = std::nullopt);

    // lock: as get(); of all that ask together one may get the lock, see Operation::Kind::Lock.
    // count: for the one party that asks adds one to a counter; Answer::number is what it became.
    bool lock(std::string_view key, std::int64_t ttl, GetWaiter& waiter, Answer& answer);
    bool count(std::string_view key, std::int64_t ttl, GetWaiter& waiter, Answer& answer);

    // Whether a value of this size can be stored under this key. A set that memcached refuses for
    // its size removes the old value, so this is asked first.
    bool fits(std::string_view key, std::size_t value_size) const;

    const PoolOptions& options() const { return options_; }

    // For Connection: operations are recycled, and gets in flight are found by key.
    Operation* acquire(Operation::Kind kind, std::string_view key);
    void release(Operation* operation);
    // A command that is no longer to be joined: who asks now may know that the key was purged
    // since.
    void forget(Operation* operation);
    // Wakes whoever waits for the operation, which is no longer to be joined, and recycles it.
    void complete(Operation* operation);

  private:
    static constexpr std::size_t kBuckets = 1024;  // a power of two

    bool ask(Operation::Kind kind, std::string_view key, std::int64_t ttl, GetWaiter& waiter,
             Answer& answer);
    Server& server_of(std::string_view key) { return *servers_[options_.ring->locate(key)]; }
    Operation*& bucket_of(std::string_view key);
    bool join(Operation::Kind kind, std::string_view key, std::int64_t ttl, GetWaiter& waiter);

    const PoolOptions& options_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::array<Operation*, kBuckets> joinable_{};  // in flight, chained by next_in_bucket
    std::vector<std::unique_ptr<Operation>> operations_;
    Operation* free_ = nullptr;
    std::size_t pending_store_bytes_ = 0;
};

}  // namespace mcache::net
