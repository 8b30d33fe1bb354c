#include "net/client.h"

#include <functional>

#include "memcached/command.h"
#include "net/connection.h"

namespace mcache::net {

namespace {

// What memcached adds to key and value of an item: its header, CAS and flags (56 bytes in 1.6), the
// CRLF, and what a slab chunk may lose to alignment.
constexpr std::size_t kItemOverhead = 512;

}  // namespace

Client::Client(const PoolOptions& options) : options_(options) {
    servers_.reserve(options.servers.size());
    for (const ServerOptions& server : options.servers) {
        servers_.push_back(std::make_unique<Server>(server, options, *this));
    }
}

Client::~Client() = default;

bool Client::get(std::string_view key, std::int64_t lease, GetWaiter& waiter, Answer& answer) {
    return join(Operation::Kind::Get, key, lease, waiter) ||
           ask(Operation::Kind::Get, key, lease, waiter, answer);
}

bool Client::lock(std::string_view key, std::int64_t ttl, GetWaiter& waiter, Answer& answer) {
    return join(Operation::Kind::Lock, key, ttl, waiter) ||
           ask(Operation::Kind::Lock, key, ttl, waiter, answer);
}

bool Client::count(std::string_view key, std::int64_t ttl, GetWaiter& waiter, Answer& answer) {
    return ask(Operation::Kind::Count, key, ttl, waiter, answer);
}

bool Client::ask(Operation::Kind kind, std::string_view key, std::int64_t ttl, GetWaiter& waiter,
                 Answer& answer) {
    Server& server = server_of(key);
    if (!server.admits()) {
        answer = Answer{};
        answer.server = &server;
        return false;
    }
    Operation* operation = acquire(kind, key);
    operation->ttl = ttl;
    operation->answer.server = &server;
    operation->waiters.push(waiter);
    if (kind != Operation::Kind::Count) {
        Operation*& bucket = bucket_of(key);
        operation->next_in_bucket = bucket;
        bucket = operation;
    }
    server.submit(operation);
    return true;
}

bool Client::remove(std::string_view key, std::optional<std::uint64_t> cas) {
    Server& server = server_of(key);
    if (!server.admits()) {
        return false;
    }
    Operation* operation = acquire(Operation::Kind::Remove, key);
    operation->cas = cas;
    server.submit(operation);
    return true;
}

bool Client::fits(std::string_view key, std::size_t value_size) const {
    return key.size() + value_size + kItemOverhead <= options_.max_item_size;
}

bool Client::store(std::string_view key, StoreCommand&& command) {
    const std::size_t size = command.size();
    if (!fits(key, size) || size > options_.max_pending_stores - pending_store_bytes_) {
        return false;
    }
    Server& server = server_of(key);
    if (!server.admits()) {
        return false;
    }
    Operation* operation = acquire(Operation::Kind::Store, key);
    operation->store = std::move(command);
    pending_store_bytes_ += size;
    server.submit(operation);
    return true;
}

Operation* Client::acquire(Operation::Kind kind, std::string_view key) {
    Operation* operation = free_;
    if (operation != nullptr) {
        free_ = operation->next;
    } else {
        operations_.push_back(std::make_unique<Operation>());
        operation = operations_.back().get();
    }
    operation->kind = kind;
    operation->ttl = 0;
    operation->cas.reset();
    operation->next = nullptr;
    operation->next_in_bucket = nullptr;
    operation->submitted = ngx_current_msec;
    operation->key_size = static_cast<std::uint16_t>(key.size());
    key.copy(operation->key_bytes.data(), operation->key_bytes.size());
    return operation;
}

void Client::release(Operation* operation) {
    if (operation->kind == Operation::Kind::Store) {
        pending_store_bytes_ -= operation->store.size();
        operation->store = StoreCommand{};
    }
    operation->answer = Answer{};
    operation->next = free_;
    free_ = operation;
}

void Client::complete(Operation* operation) {
    const bool lock = operation->kind == Operation::Kind::Lock;
    if (lock || operation->kind == Operation::Kind::Get) {
        forget(operation);
    }
    operation->answer.lookup_time = ngx_current_msec - operation->submitted;
    while (GetWaiter* waiter = operation->waiters.pop()) {
        const Answer answer = operation->answer;
        operation->answer.won = false;  // one of all that ask
        if (lock && answer.outcome == Outcome::Found) {
            operation->answer.outcome = Outcome::Missing;
        }
        waiter->answered(answer);
    }
    // What was won for somebody who is gone is given back.
    if (operation->answer.outcome == Outcome::Found && operation->answer.won) {
        remove(operation->key(), operation->answer.cas);
    } else if (operation->answer.outcome == Outcome::Found && lock) {
        remove(operation->key());
    }
    release(operation);
}

Operation*& Client::bucket_of(std::string_view key) {
    return joinable_[std::hash<std::string_view>{}(key) & (kBuckets - 1)];
}

bool Client::join(Operation::Kind kind, std::string_view key, std::int64_t ttl, GetWaiter& waiter) {
    Operation* operation = bucket_of(key);
    while (operation != nullptr &&
           (operation->key() != key || operation->kind != kind || operation->ttl != ttl)) {
        operation = operation->next_in_bucket;
    }
    if (operation == nullptr) {
        return false;
    }
    operation->waiters.push(waiter);
    return true;
}

void Client::forget(Operation* operation) {
    Operation** link = &bucket_of(operation->key());
    while (*link != nullptr && *link != operation) {
        link = &(*link)->next_in_bucket;
    }
    if (*link == operation) {
        *link = operation->next_in_bucket;
    }
}

}  // namespace mcache::net
