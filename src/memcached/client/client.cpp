#include "memcached/client/client.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/keyed_hash.h"
#include "memcached/client/connection.h"
#include "memcached/protocol/command.h"

namespace mcache::net {

namespace {

static_assert(PoolOptions::kMaxReplicas + 1 <= memcached::Placement::kMaxCandidates);

// What memcached adds to key and value of an item: its header, CAS and flags (56 bytes in 1.6), the
// CRLF, and what a slab chunk may lose to alignment.
constexpr std::size_t kItemOverhead = 512;

std::vector<bool> names_among(const std::vector<ServerOptions>& servers) {
    std::vector<bool> names;
    names.reserve(servers.size());
    for (const ServerOptions& server : servers) {
        names.push_back(server.resolve);
    }
    return names;
}

}  // namespace

Client::Client(const PoolOptions& options)
    : options_(options), roster_(names_among(options.servers), KnownAddresses::kMost) {
    servers_.reserve(options.servers.size());
    for (const ServerOptions& server : options.servers) {
        HealthRecord& health = options.health == nullptr ? own_health_.emplace_back()
                                                         : options.health[servers_.size()];
        servers_.push_back(std::make_unique<Server>(server, options, health, *this));
    }
    if (options.resolves()) {
        begin_with_known();
    } else {
        placement_ = options.placement.get();
    }
}

Client::~Client() = default;

Place Client::place_among_many(std::string_view key) const {
    const memcached::Placement::Candidates all = candidates(key);
    const std::size_t replicas = std::min(options_.replicas, all.size());
    for (std::size_t rank = 0; rank < replicas; ++rank) {
        if (admits(all[rank])) {
            return {all[rank]};
        }
    }
    return replicas < all.size() ? Place{all[replicas], true} : Place{all[0]};
}

std::vector<Place> Client::places(std::string_view key) const {
    const memcached::Placement::Candidates all = candidates(key);
    std::vector<Place> out{place(key)};
    for (std::size_t rank = 0; rank < std::min(options_.replicas, all.size()); ++rank) {
        if (!out.front().gutter && all[rank] != out.front().server && admits(all[rank])) {
            out.push_back({all[rank]});
        }
    }
    return out;
}

bool Client::get(ServerIndex server, std::string_view key, std::int64_t lease, Listener& listener,
                 Result& result) noexcept {
    return join_or_ask(server, Operation::Kind::Get, key, lease, listener, result);
}

bool Client::get_bulk(ServerIndex server, std::string_view key, Listener& listener,
                      Result& result) noexcept {
    return join_or_ask(server, Operation::Kind::Get, key, 0, listener, result, true);
}

bool Client::peek(ServerIndex server, std::string_view key, std::int64_t lease, Listener& listener,
                  Result& result) noexcept {
    return join_or_ask(server, Operation::Kind::Peek, key, lease, listener, result);
}

bool Client::lock(ServerIndex server, std::string_view key, std::int64_t ttl, Listener& listener,
                  Result& result) noexcept {
    return join_or_ask(server, Operation::Kind::Lock, key, ttl, listener, result);
}

bool Client::count(ServerIndex server, std::string_view key, std::int64_t ttl, Listener& listener,
                   Result& result) noexcept {
    Operation* operation = admit(server, Operation::Kind::Count, key);
    if (operation != nullptr) {
        operation->ttl = ttl;
    }
    return submit(server, operation, &listener, &result);
}

bool Client::join_or_ask(ServerIndex server, Operation::Kind kind, std::string_view key,
                         std::int64_t ttl, Listener& listener, Result& result, bool bulk) noexcept {
    const std::uint16_t bucket = bucket_of(key);
    for (Operation* other = joinable_[bucket]; other != nullptr; other = other->next_in_bucket) {
        if (other->key() == key && other->kind == kind && other->ttl == ttl &&
            other->bulk == bulk && other->result.server == servers_[server].get()) {
            other->listeners.push(listener);
            return true;
        }
    }
    Operation* operation = admit(server, kind, key, bulk);
    if (operation != nullptr) {
        operation->ttl = ttl;
        operation->joinable = true;
        operation->bucket = bucket;
        operation->next_in_bucket = joinable_[bucket];
        joinable_[bucket] = operation;
    }
    return submit(server, operation, &listener, &result);
}

bool Client::remove(ServerIndex server, std::string_view key,
                    const RemoveCommand& command) noexcept {
    return submit(server, prepare_remove(server, key, command), nullptr, nullptr);
}

void Client::remove_everywhere(std::string_view key, const RemoveCommand& command) {
    try {
        for (const ServerIndex server : holders(key)) {
            (void)remove(server, key, command);
        }
    } catch (const std::bad_alloc&) {
        // As the commands: also from destructors, and then nobody is asked.
    }
}

bool Client::remove(ServerIndex server, std::string_view key, const RemoveCommand& command,
                    Listener& listener, Result& result) noexcept {
    return submit(server, prepare_remove(server, key, command), &listener, &result);
}

Operation* Client::prepare_remove(ServerIndex server, std::string_view key,
                                  const RemoveCommand& command) noexcept {
    Operation* operation = admit(server, Operation::Kind::Remove, key, command.bulk);
    if (operation != nullptr) {
        operation->remove = command;
    }
    return operation;
}

bool Client::fits(std::string_view key, std::size_t value_size) const {
    return key.size() + value_size + kItemOverhead <= options_.max_item_size;
}

std::size_t Client::largest_value(std::size_t key_size) const {
    const std::size_t used = key_size + kItemOverhead;
    return options_.max_item_size > used ? options_.max_item_size - used : 0;
}

bool Client::store(ServerIndex server, std::string_view key, StoreCommand&& command,
                   Listener* listener) noexcept {
    return submit(server, prepare_store(server, key, std::move(command)), listener, nullptr);
}

bool Client::store(ServerIndex server, std::string_view key, StoreCommand&& command,
                   Listener& listener, Result& result) noexcept {
    return submit(server, prepare_store(server, key, std::move(command)), &listener, &result);
}

Operation* Client::prepare_store(ServerIndex server, std::string_view key,
                                 StoreCommand&& command) noexcept {
    const std::size_t size = command.size();
    const bool has_room = fits(key, size) && size <= options_.store_buffers - pending_store_bytes_;
    Operation* operation =
        has_room ? admit(server, Operation::Kind::Store, key, command.bulk) : nullptr;
    if (operation == nullptr) {
        count_dropped_store(server);
        return nullptr;
    }
    operation->store = std::move(command);
    pending_store_bytes_ += size;
    return operation;
}

bool Client::take_store_memory(std::size_t bytes) noexcept {
    const std::size_t taken = pending_store_bytes_ + collected_bytes_;
    if (taken > options_.store_buffers || bytes > options_.store_buffers - taken) {
        return false;
    }
    collected_bytes_ += bytes;
    return true;
}

void Client::count_dropped_store(ServerIndex server) noexcept {
    servers_[server]->count_dropped_store();
}

Operation* Client::admit(ServerIndex server, Operation::Kind kind, std::string_view key,
                         bool bulk) noexcept {
    const bool admits = bulk ? servers_[server]->admits_bulk() : servers_[server]->admits();
    Operation* operation = admits ? acquire(kind, key) : nullptr;
    if (operation == nullptr) {
        servers_[server]->cells().add<metrics::Server::NotAsked>();
        return nullptr;
    }
    operation->bulk = bulk;
    operation->server = server;
    operation->result.server = servers_[server].get();
    return operation;
}

bool Client::submit(ServerIndex server, Operation* operation, Listener* listener,
                    Result* result) noexcept {
    if (operation == nullptr) {
        if (result != nullptr) {
            *result = Result{};
            result->server = servers_[server].get();
        }
        return false;
    }
    if (!servers_[server]->has_room_for(*operation)) {
        servers_[server]->cells().add<metrics::Server::NotAsked>();
        if (operation->kind == Operation::Kind::Store) {
            count_dropped_store(server);
        }
        if (result != nullptr) {
            *result = Result{};
            result->server = servers_[server].get();
            result->outcome = Outcome::Busy;
        }
        forget(operation);
        release(operation);
        return false;
    }
    if (listener != nullptr) {
        operation->listeners.push(*listener);
    }
    servers_[server]->submit(operation);
    return true;
}

Operation* Client::acquire(Operation::Kind kind, std::string_view key) noexcept {
    if (free_ == nullptr) {
        try {
            free_ = operations_.emplace_back(std::make_unique<Operation>()).get();
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }
    Operation* operation = std::exchange(free_, free_->next);
    operation->kind = kind;
    operation->ttl = 0;
    operation->bulk = false;
    operation->next = nullptr;
    operation->submitted = ngx_current_msec;
    operation->key_size = static_cast<std::uint16_t>(key.size());
    key.copy(operation->key_bytes.data(), operation->key_bytes.size());
    return operation;
}

void Client::release(Operation* operation) noexcept {
    if (operation->kind == Operation::Kind::Store) {
        pending_store_bytes_ -= operation->store.size();
        operation->store = StoreCommand{};
    }
    operation->result = Result{};
    operation->next = free_;
    free_ = operation;
}

void Client::complete(Operation* operation) noexcept {
    const bool lock = operation->kind == Operation::Kind::Lock;
    forget(operation);
    operation->result.server->count(*operation);
    operation->result.lookup_time = ngx_current_msec - operation->submitted;
    if (operation->kind == Operation::Kind::Get && operation->result.value) {
        operation->result.value = live_values_.unite(
            operation->key(), identity_of(operation->result), std::move(operation->result.value));
    }
    while (Listener* listener = operation->listeners.pop()) {
        const Result result = operation->result;
        operation->result.won = false;  // one of all that ask
        if (lock && result.outcome == Outcome::Found) {
            operation->result.outcome = Outcome::Missing;
        }
        listener->tell(result);
    }
    // What was won for somebody who is gone is given back.
    if (operation->result.outcome == Outcome::Found && operation->result.won) {
        remove(operation->server, operation->key(),
               {.cas = operation->result.cas, .life = operation->result.life, .stale_for = {}});
    } else if (operation->result.outcome == Outcome::Found && lock) {
        remove(operation->server, operation->key());
    }
    release(operation);
}

std::uint16_t Client::bucket_of(std::string_view key) {
    return static_cast<std::uint16_t>(keyed_hash(key) & (kBuckets - 1));
}

void Client::forget(Operation* operation) noexcept {
    if (!std::exchange(operation->joinable, false)) {
        return;
    }
    Operation** link = &joinable_[operation->bucket];
    while (*link != operation) {
        link = &(*link)->next_in_bucket;
    }
    *link = operation->next_in_bucket;
}

}  // namespace mcache::net
