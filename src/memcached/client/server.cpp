#include "memcached/client/server.h"

#include "memcached/client/client.h"

namespace mcache::net {

namespace {

metrics::Value<metrics::Server::CommandFailures> cause_of(Outcome failure) {
    switch (failure) {
        case Outcome::Timeout:
            return "timeout";
        case Outcome::Garbage:
            return "garbage";
        case Outcome::Refused:
            return "refused";
        default:
            return "down";
    }
}

void count_failure(metrics::Cells<metrics::Server>& cells, Operation::Kind kind, Outcome failure) {
    using metrics::Server;
    const bool store = kind == Operation::Kind::Store;
    if (store && failure == Outcome::Refused) {
        cells.count<Server::Stores>("refused");
        return;
    }
    cells.count<Server::CommandFailures>(cause_of(failure));
    if (store) {
        cells.count<Server::Stores>("failed");
    }
}

}  // namespace

memcached::Ring::Server ring_server(const ServerOptions& server) {
    return {server.host, server.port, server.weight, server.is_unix};
}

ServerOptions at_address(const ServerOptions& line, const memcached::Address& address) {
    ServerOptions server = line;
    auto* raw = reinterpret_cast<sockaddr*>(const_cast<char*>(address.data()));
    const auto size = static_cast<socklen_t>(address.size());
    u_char text[NGX_SOCKADDR_STRLEN];
    server.address = address;
    server.resolve = false;
    server.host.assign(reinterpret_cast<char*>(text),
                       ngx_sock_ntop(raw, size, text, sizeof(text), 0));
    server.name.assign(reinterpret_cast<char*>(text),
                       ngx_sock_ntop(raw, size, text, sizeof(text), 1));
    return server;
}

Server::Server(const ServerOptions& options, const PoolOptions& pool, HealthRecord& health,
               Client& client)
    : options_(options),
      pool_(pool),
      client_(client),
      health_(health, options.max_fails, options.fail_timeout, pool.connect_timeout + pool.timeout),
      bulk_health_(bulk_record_, options.max_fails, options.fail_timeout,
                   pool.connect_timeout + pool.timeout),
      place_(ngx::find_server_figures(pool.name, options.name)),
      away_(options.resolve),
      bulk_(*this, Connection::Role::Bulk),
      stats_(*this, Connection::Role::Stats) {
    for (ngx_uint_t i = 0; i < pool.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(*this, Connection::Role::Main));
    }
}

Server::~Server() = default;

void Server::join(std::uint64_t since) {
    away_ = false;
    since_ = since;
}

void Server::leave() {
    away_ = true;
    for (const std::unique_ptr<Connection>& connection : connections_) {
        connection->close_when_idle();
    }
    bulk_.close_when_idle();
    stats_.close_when_idle();
}

bool Server::admits() noexcept {
    if (away_) {
        return false;
    }
    if (health_.in_use()) {
        return true;
    }
    if (health_.begin_probe(ngx_current_msec)) {
        connections_.front()->probe();
    }
    return false;
}

bool Server::admits_bulk() noexcept {
    if (!admits()) {
        return false;
    }
    if (bulk_health_.in_use()) {
        return true;
    }
    if (bulk_health_.begin_probe(ngx_current_msec)) {
        bulk_.probe();
    }
    return false;
}

Connection& Server::connection_for(const Operation& operation) noexcept {
    if (operation.bulk) {
        return bulk_;
    }
    // What was said of an item counts beside what is said over the same connection (ItemIdentity).
    if (pool_.local_size != 0 && operation.joinable) {
        return *connections_[operation.bucket % connections_.size()];
    }
    Connection* chosen = connections_.front().get();
    for (const std::unique_ptr<Connection>& connection : connections_) {
        if (connection->load() < chosen->load()) {
            chosen = connection.get();
        }
    }
    return *chosen;
}

void Server::submit(Operation* operation) noexcept {
    connection_for(*operation).submit(operation);
}

bool Server::has_room_for(const Operation& operation) noexcept {
    const bool purge = operation.kind == Operation::Kind::Remove ||
                       (operation.kind == Operation::Kind::Store &&
                        operation.store.mode == memcached::SetMode::Append);
    return operation.bulk || purge || connection_for(operation).load() < pool_.queue;
}

void Server::count(const Operation& operation) const {
    using metrics::Server;
    if (operation.kind == Operation::Kind::Stats) {
        return;
    }
    const Outcome outcome = operation.result.outcome;
    const bool found_it = outcome == Outcome::Found;
    if (!found_it && outcome != Outcome::Missing) {
        count_failure(cells(), operation.kind, outcome);
        return;
    }
    switch (operation.kind) {
        case Operation::Kind::Get:
            found(Lack::Lookups);
            cells().count<Server::Gets>(found_it && !operation.result.leased
                                            ? metrics::Value<Server::Gets>("hit")
                                            : metrics::Value<Server::Gets>("miss"));
            break;
        case Operation::Kind::Peek:
            found(Lack::Lookups);
            cells().count<Server::Looks>(found_it ? metrics::Value<Server::Looks>("found")
                                                  : metrics::Value<Server::Looks>("missing"));
            break;
        case Operation::Kind::Store:
            cells().count<Server::Stores>(found_it ? metrics::Value<Server::Stores>("stored")
                                                   : metrics::Value<Server::Stores>("declined"));
            break;
        default:
            cells().add<Server::OtherCommands>();
    }
}

void Server::connection_failed(Connection::Role role, const char* what, ngx_err_t err) noexcept {
    if (away_ || role == Connection::Role::Stats) {
        return;
    }
    cells().add<metrics::Server::ConnectionFailures>();
    const bool bulk = role == Connection::Role::Bulk;
    Health& health = bulk ? bulk_health_ : health_;
    const ngx_msec_t now = ngx_current_msec;
    const bool went_down = health.failed(now, static_cast<std::uint32_t>(ngx_random()));
    // One line of the node when it goes down, not one a probe; a server that max_fails=0 never
    // takes out of use says so at most once per fail_timeout.
    if (went_down || (options_.max_fails == 0 && health.may_log(now))) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                      "mcache: memcached %s of pool \"%s\" failed%s: %s%s", options_.name.c_str(),
                      pool_.name.c_str(), bulk ? " with large values" : "", what,
                      !went_down             ? ""
                      : bulk                 ? "; pages in parts come from the backend until it "
                                               "answers again"
                      : pool_.keeps_copies() ? "; others stand in for it until it answers again"
                                             : "; its pages come from the backend until it answers "
                                               "again");
    }
}

void Server::replied(Connection::Role role) noexcept {
    const bool bulk = role == Connection::Role::Bulk;
    if (role != Connection::Role::Stats &&
        (bulk ? bulk_health_ : health_).succeeded(ngx_current_msec)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "mcache: memcached %s of pool \"%s\" answers again%s", options_.name.c_str(),
                      pool_.name.c_str(), bulk ? " with large values" : "");
    }
}

void Server::found_lacking(Lack lack, const char* does) const noexcept {
    if (!is_news(lack)) {
        return;
    }
    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "mcache: memcached %s of pool \"%s\" %s: %s",
                  options_.name.c_str(), pool_.name.c_str(), does,
                  lack == Lack::Cas
                      ? "a purge at the moment of a store is lost; the local tier is not used"
                      : "its items cannot be identified, and are not served");
}

// A server that refuses one command is likely to refuse many: one line of the node in fail_timeout
// for lookups, and one for all else.
void Server::refused(const Operation& operation, std::string_view error) noexcept {
    if (operation.looks()) {
        (void)is_news(Lack::Lookups);
    }
    if (!health_.may_log_refusal(operation.looks(), ngx_current_msec)) {
        return;
    }
    const std::string_view key = operation.key();
    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "mcache: memcached %s of pool \"%s\" %s \"%*s\": %*s", options_.name.c_str(),
                  pool_.name.c_str(),
                  operation.kind == Operation::Kind::Store ? "did not store"
                  : operation.looks()                      ? "refused to look up"
                                                           : "refused a command for",
                  key.size(), key.data(), error.size(), error.data());
}

}  // namespace mcache::net
