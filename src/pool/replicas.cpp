#include "pool/replicas.h"

#include <algorithm>
#include <new>
#include <utility>

#include "pool/pool.h"

namespace mcache::request {

namespace {

// TTL in a gutter. Purges reach the gutter, but an application's own writes and deletes only reach
// the key's own server, or none while that is down. So pages stay only long enough to protect the
// backend, and are gone before the server fails a second time.
constexpr std::int64_t kGutterSeconds = 30;

bool store_one(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
               net::Listener* listener) {
    command.cas = lease.cas;
    command.life = lease.cas ? lease.life : 0;
    command.mode = lease.vacant ? memcached::SetMode::Add : memcached::SetMode::Set;
    if (lease.at.gutter) {
        command.ttl = std::min(command.ttl, kGutterSeconds);
    }
    const bool sent =
        pool.worker_client().store(lease.at.server, key, std::move(command), listener);
    lease.held = lease.held && !sent;
    return sent;
}

// Keeps claims until a store is answered, and then wakes the waiters in other workers.
class EndOfStore final : public net::Listener {
  public:
    EndOfStore(SharedClaims claims, net::Listener* waker)
        : claims_(std::move(claims)), waker_(waker) {}
    void answered(const net::Result& result) override {
        claims_.reset();
        if (waker_ != nullptr) {
            waker_->answered(result);
        }
        delete this;
    }

  private:
    SharedClaims claims_;
    net::Listener* waker_;
};

}  // namespace

bool store_copies(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                  FurtherLeases& further, net::Listener* listener) noexcept {
    for (Lease& other : further) {
        try {
            store_one(pool, key, net::StoreCommand(command), other, nullptr);
        } catch (const std::bad_alloc&) {
            break;  // as a copy whose server is down; the page's own server needs no memory
        }
    }
    return store_one(pool, key, std::move(command), lease, listener);
}

bool store_for_all(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                   FurtherLeases& further, const SharedClaims& until_stored) {
    net::Listener* end = pool.waiting_rooms().waker_of_others(key);
    if (until_stored) {
        auto* const keeper = new (std::nothrow) EndOfStore(until_stored, end);
        end = keeper == nullptr ? end : keeper;
    }
    const bool sent = store_copies(pool, key, std::move(command), lease, further, end);
    if (!sent && end != nullptr) {
        end->answered(net::Result{});
    }
    return sent;
}

}  // namespace mcache::request
