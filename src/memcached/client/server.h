#pragma once

// One memcached server as a worker sees it: its address, its health, its connections.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/client/connection.h"
#include "memcached/client/health.h"
#include "memcached/client/operation.h"
#include "memcached/client/stats_pace.h"
#include "memcached/client/tls.h"
#include "memcached/placement/ring.h"
#include "memcached/placement/roster.h"
#include "ngx/api.h"
#include "ngx/status_zone.h"

namespace mcache::net {

class Client;

// As configured. Lives in the cycle.
struct ServerOptions {
    std::string host;     // placement hashes this text: as written, or of several addresses of a
                          // name this one; or the path of a socket
    std::string written;  // what a certificate is to be for
    in_port_t port = 0;   // 0 for a unix socket
    bool is_unix = false;
    std::string name;            // for people: "host:port" or "unix:/path"
    memcached::Address address;  // empty: a name, whose addresses are servers
    bool resolve = false;        // the name is to be resolved at run time, again and again
    std::uint32_t weight = 1;
    std::uint32_t max_fails = 1;
    ngx_msec_t fail_timeout = 10000;
};

// How it takes part in the placement of keys.
memcached::Ring::Server ring_server(const ServerOptions& server);

// What a line with a name says of one of the name's addresses.
ServerOptions at_address(const ServerOptions& line, const memcached::Address& address);

struct PoolOptions;

class Server {
  public:
    Server(const ServerOptions& options, const PoolOptions& pool, HealthRecord& health,
           Client& client);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const std::string& name() const { return options_.name; }
    const ServerOptions& options() const { return options_; }
    const PoolOptions& pool() const { return pool_; }
    Client& client() { return client_; }
    TlsSession& tls_session() { return tls_session_; }

    const Health& health() const { return health_; }

    // May a command be sent now? A server that is not in use is looked after beside: see Health.
    bool admits() noexcept;
    // The same of one that goes over the connection for large values, whose faults are its own.
    bool admits_bulk() noexcept;
    // An address that has left its name: what is under way is answered, and nothing new is sent.
    void leave();
    // An address that its name has, since a moment (Unix time in microseconds; 0: from the start).
    void join(std::uint64_t since);
    bool away() const { return away_; }
    // What this server keeps from before this moment may miss purges that it was not told of.
    std::uint64_t since() const { return since_; }

    // Queues an operation that admits() let through, on the connection with the shortest queue, or
    // on that for large values. With a local tier, all that ask for a key ask over the same one.
    void submit(Operation* operation) noexcept;
    // Whether the operation may be queued there. What is bulk is bounded by its memory, and a purge
    // is never left out.
    bool has_room_for(const Operation& operation) noexcept;

    // A connection broke with work on it, or could not be made. `what` says how, for the log.
    void connection_failed(Connection::Role role, const char* what, ngx_err_t err) noexcept;
    // A reply came that was what it should be.
    void replied(Connection::Role role) noexcept;
    // It answered a command with an error.
    void refused(const Operation& operation, std::string_view error) noexcept;

    // Asks the server what it says of itself (metrics::Said), for all workers to read; to be called
    // at regular intervals, see StatsPace. An answer comes or not; nobody waits for it.
    void ask_stats();
    void said(std::string_view name, std::string_view value);
    void said_all(bool knows_stats);

    // ---- figures
    metrics::Cells<metrics::Server>& cells() const { return place_.figures->cells; }
    metrics::Histogram& latency() const { return place_.figures->latency; }
    // The operation ended.
    void count(const Operation& operation) const;
    void count_dropped_store() const { cells().count<metrics::Server::Stores>("dropped"); }
    bool in_use() const { return !away_ && health_.in_use(); }
    // Null where no figures are kept.
    ngx::ServerRow* row() const { return place_.row; }

    // Whether it can be asked for an item without its value; so it is thought until it has said its
    // version.
    bool can_leave_values_out() const { return !lacks(Lack::Meta) && !lacks(Lack::Cas); }

    // What it lacks, as all workers of the node know it. found_lacking() says it in the log when it
    // is news, with what it `does` ("gives no CAS").
    bool lacks(Lack lack) const { return (health_.lacks() & bit_of(lack)) != 0; }
    bool is_news(Lack lack) const { return health_.is_news(lack); }
    void found_lacking(Lack lack, const char* does) const noexcept;
    void found(Lack lack) const { health_.found(lack); }

  private:
    Connection& connection_for(const Operation& operation) noexcept;

    const ServerOptions& options_;
    const PoolOptions& pool_;
    Client& client_;
    Health health_;
    HealthRecord bulk_record_;
    Health bulk_health_;  // of the connection for large values of this worker
    TlsSession tls_session_;
    ngx::ServerPlace place_;
    bool away_;
    std::uint64_t since_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;
    Connection bulk_;
    Connection stats_;
    bool knows_stats_ = true;  // until it shows that it does not
    StatsPace stats_pace_;
};

}  // namespace mcache::net
