#pragma once

// The memcached client of one worker and one pool: non-blocking, persistent, pipelined. A command
// is queued, and everything that one turn of the event loop queued leaves in one write. Placement
// is libmemcached's (memcached::Placement).

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "local/live_values.h"
#include "memcached/client/known_addresses.h"
#include "memcached/client/operation.h"
#include "memcached/client/server.h"
#include "memcached/placement/placement.h"
#include "memcached/placement/roster.h"
#include "ngx/api.h"

namespace mcache::net {

// What becomes of a key while all servers where it belongs are out of use.
enum class OnFailure : std::uint8_t {
    Miss,  // nobody is asked
    Next,  // another server stands in: the gutter
};

// As configured. Lives in the cycle.
struct PoolOptions {
    std::string name;
    std::vector<ServerOptions> servers;  // one a line, and of names with several addresses more
    memcached::Distribution distribution = memcached::Distribution::KetamaWeighted;
    memcached::Hash hash = memcached::Hash::Default;
    // By ServerIndex; null where servers come and go.
    std::unique_ptr<memcached::Placement> placement;
    ngx_resolver_t* resolver = nullptr;  // where names are resolved at run time
    ngx_msec_t resolver_timeout = 0;
    ngx_uint_t connections = 1;        // per worker and server
    ngx_msec_t connect_timeout = 250;  // until the server has said its version
    ngx_msec_t timeout = 500;          // from a command to its whole reply
    TlsOptions tls;
    std::string
        auth;  // "user password", what memcached's -Y wants to be told first; empty: nothing
    size_t max_item_size = 1024 * 1024;
    HealthRecord* health = nullptr;  // health_records(), that the node's workers share, or null
    KnownAddresses known;            // of names that are resolved at run time, shared too
    size_t large_buffers = 64 * 1024 * 1024;  // bytes per worker, of large bodies being sent
    size_t store_buffers = 64 * 1024 * 1024;  // bytes per worker, further stores are dropped
    size_t queue = 32768;                     // commands that may wait for a connection's replies
    size_t local_size = 0;  // bytes per worker of the local tier, 0: there is none
    static constexpr std::size_t kMaxReplicas = 4;
    std::size_t replicas = 1;  // servers that a value is stored on
    OnFailure on_failure = OnFailure::Miss;
    bool has_names = false;  // to be resolved at run time

    // How many servers may hold a value.
    std::size_t candidates() const { return replicas + (on_failure == OnFailure::Next ? 1 : 0); }
    bool keeps_copies() const { return candidates() > 1; }
    // Whether servers come and go at run time. Then there are no copies.
    bool resolves() const { return has_names; }
    // Whether a server may come back with what was purged while it was away.
    bool may_miss_purges() const { return keeps_copies() || resolves(); }
    // One for each of `servers`, then one for each of `known`.
    std::size_t health_records() const {
        return servers.size() + (resolves() ? KnownAddresses::kMost : 0);
    }
};

// What `old` knows of the addresses of names that `options` has, too, is known to it.
void take_over(const PoolOptions& options, const PoolOptions& old);

class Client {
  public:
    explicit Client(const PoolOptions& options);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // ---- where a key is

    // The server where a key has its place.
    // Where the pool has none at this moment it is one that nobody can ask.
    ServerIndex locate(std::string_view key) const { return placement_->locate(key); }
    // All that may hold it, first choice first: the replicas, then the gutter.
    memcached::Placement::Candidates candidates(std::string_view key) const {
        return placement_->candidates(key, options_.candidates());
    }
    // Those that may have something of it that was stored earlier, or by others: where servers come
    // and go it may be any of them.
    std::vector<ServerIndex> holders(std::string_view key) const;
    // The one to be asked for it: the first of them that is in use. Where none is, a gutter or the
    // first, of which the caller will learn that it is down.
    Place place(std::string_view key) const {
        return options_.keeps_copies() ? place_among_many(key) : Place{locate(key)};
    }
    // Those on which a new value is to be stored: place(), and the further replicas in use.
    std::vector<Place> places(std::string_view key) const;

    // ---- commands. The server is one that the functions above name for the key. None throws, so
    // that they can be called wherever something is given back: without memory nobody is asked.

    // Asks for a legal key. True: the listener will be called, from the event loop. False: nobody
    // can be asked now, `result` says why, and the listener will not be called.
    // Who asks for a key that another has asked for in this turn joins that command, until it is
    // sent: one that memcached may have carried out can be older than a purge that was acknowledged
    // since. With a lease (seconds, 0: none) memcached makes an empty stub where there is nothing,
    // for one party of all that ask: it is to store with the stub's CAS, or to remove the stub.
    bool get(ServerIndex server, std::string_view key, std::int64_t lease, Listener& listener,
             Result& result) noexcept;

    // As get() without a lease, over the connection that each server has for large values, where
    // what is small does not wait behind them, and `timeout` is counted from the last byte that
    // moved; ten times as long is for the whole value. Stores with StoreCommand::bulk go there too.
    bool get_bulk(ServerIndex server, std::string_view key, Listener& listener,
                  Result& result) noexcept;

    // As get(), for what memcached says of the item: its CAS, size, flags and time. Without the
    // value, but for a server of the classic protocol, which cannot leave it out.
    bool peek(ServerIndex server, std::string_view key, std::int64_t lease, Listener& listener,
              Result& result) noexcept;

    // Sends a value off; nobody waits for it but perhaps a listener that outlives the command.
    // False when it was not queued, and the listener will not be called: the server is down, the
    // value does not fit into an item, or too much is pending.
    bool store(ServerIndex server, std::string_view key, StoreCommand&& command,
               Listener* listener = nullptr) noexcept;

    // The same for one who waits. Missing: there was an item to be added, none to be appended to,
    // or one with another CAS.
    bool store(ServerIndex server, std::string_view key, StoreCommand&& command, Listener& listener,
               Result& result) noexcept;

    // Memory of store_buffers for a value that is still being collected. It is granted out of what
    // the stores under way leave, while these do not ask what is being collected: a page that has
    // come is not dropped because others come slowly.
    bool take_store_memory(std::size_t bytes) noexcept;
    void give_store_memory_back(std::size_t bytes) noexcept { collected_bytes_ -= bytes; }
    // A value is not stored for want of it.
    void count_dropped_store(ServerIndex server) noexcept;

    // Deletes; nobody waits for it. False when it was not queued: the server is down.
    bool remove(ServerIndex server, std::string_view key,
                const RemoveCommand& command = {}) noexcept;

    // The same for one who waits. Missing: there was nothing, or it has another CAS.
    bool remove(ServerIndex server, std::string_view key, const RemoveCommand& command,
                Listener& listener, Result& result) noexcept;

    // Deletes wherever it may be; nobody waits for it.
    void remove_everywhere(std::string_view key, const RemoveCommand& command = {});

    // lock: as get(); of all that ask together one may get the lock, see Operation::Kind::Lock.
    // count: for the one party that asks adds one to a counter; Result::number is what it became.
    bool lock(ServerIndex server, std::string_view key, std::int64_t ttl, Listener& listener,
              Result& result) noexcept;
    bool count(ServerIndex server, std::string_view key, std::int64_t ttl, Listener& listener,
               Result& result) noexcept;

    // Whether a value of this size can be stored under this key. A set that memcached refuses for
    // its size removes the old value, so this is asked first.
    bool fits(std::string_view key, std::size_t value_size) const;
    // The largest value that fits under a key of this size.
    std::size_t largest_value(std::size_t key_size) const;

    // Asks each server what it says of itself; see Server::ask_stats().
    void ask_stats();

    const PoolOptions& options() const { return options_; }

    // Indexes are less than this; names and addresses that have left are among them.
    std::size_t server_count() const { return servers_.size(); }
    const Server& server(ServerIndex index) const { return *servers_[index]; }
    // Whether the server is in use. One that is not is looked after: see Server::admits().
    bool admits(ServerIndex index) const { return servers_[index]->admits(); }

    // The servers that are the pool's at this moment. Where there is none, one that nobody can ask.
    std::vector<ServerIndex> members() const;
    bool is_member(ServerIndex server) const { return roster_.active(server); }
    // Whether the name of this line has any.
    bool has_addresses(std::size_t line) const;
    // The name of this line has these addresses now, as memcached::choose_addresses() left them;
    // those that came are the pool's servers since a moment, as Server::since().
    memcached::Roster::Change replace(std::size_t line,
                                      const std::vector<memcached::Address>& addresses,
                                      std::uint64_t since);

    // For Connection: a number for one that is being opened, which none had before it.
    std::uint64_t number_connection() { return ++connections_made_; }
    // How many connections have been established, to any server.
    std::uint64_t connections_established() const { return connections_established_; }
    std::uint64_t count_established() { return ++connections_established_; }
    // Operations are recycled, and gets in flight are found by key.
    Operation* acquire(Operation::Kind kind, std::string_view key) noexcept;  // null: no memory
    void release(Operation* operation) noexcept;
    // A command that is no longer to be joined.
    void forget(Operation* operation) noexcept;
    // Wakes whoever waits for the operation, and recycles it.
    void complete(Operation* operation) noexcept;

  private:
    static constexpr std::size_t kBuckets = 1024;  // a power of two

    Place place_among_many(std::string_view key) const;

    bool join_or_ask(ServerIndex server, Operation::Kind kind, std::string_view key,
                     std::int64_t ttl, Listener& listener, Result& result,
                     bool bulk = false) noexcept;
    // Null: the server is down, or there is no memory.
    Operation* admit(ServerIndex server, Operation::Kind kind, std::string_view key,
                     bool bulk = false) noexcept;
    Operation* prepare_store(ServerIndex server, std::string_view key,
                             StoreCommand&& command) noexcept;
    Operation* prepare_remove(ServerIndex server, std::string_view key,
                              const RemoveCommand& command) noexcept;
    bool submit(ServerIndex server, Operation* operation, Listener* listener,
                Result* result) noexcept;
    static std::uint16_t bucket_of(std::string_view key);

    // members.cpp
    void begin_with_known();
    void add_address(ServerIndex server);
    void join(ServerIndex server, std::uint64_t since);
    void place();

    const PoolOptions& options_;
    std::deque<HealthRecord> own_health_;  // where no memory is shared
    std::deque<ServerOptions> addresses_;  // of names
    std::vector<std::size_t> records_;     // by server: its record of PoolOptions::known
    std::vector<std::unique_ptr<Server>> servers_;
    memcached::Roster roster_;
    std::unique_ptr<memcached::Placement> own_placement_;  // of those that are there now
    const memcached::Placement* placement_ = nullptr;
    std::array<Operation*, kBuckets> joinable_{};  // not sent yet, chained by next_in_bucket
    std::vector<std::unique_ptr<Operation>> operations_;
    Operation* free_ = nullptr;
    std::size_t pending_store_bytes_ = 0;
    std::size_t collected_bytes_ = 0;  // see take_store_memory()
    memcached::LiveValues live_values_;
    std::uint64_t connections_made_ = 0;
    std::uint64_t connections_established_ = 0;
};

}  // namespace mcache::net
