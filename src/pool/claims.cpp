#include "pool/claims.h"

#include <algorithm>
#include <utility>

#include "pool/pool.h"

namespace mcache::request {

Lease Lease::of(const net::Result& result, net::Place at) {
    Lease lease;
    lease.at = at;
    if (result.cas != 0) {
        lease.cas = result.cas;
        lease.life = result.life;
        lease.held = result.won;
    } else {
        lease.vacant = result.outcome == net::Outcome::Missing;
    }
    return lease;
}

void give_back(Pool& pool, std::string_view key, Lease& lease, FurtherLeases& further) {
    const auto remove = [&](Lease& one) {
        if (std::exchange(one.held, false)) {
            pool.worker_client().remove(one.at.server, key,
                                        {.cas = one.cas, .life = one.life, .stale_for = {}});
        }
    };
    remove(lease);
    std::for_each(further.begin(), further.end(), remove);
}

void Claims::give_back() {
    net::Client& client = pool->worker_client();
    if (std::exchange(leads, false)) {
        pool->waiting_rooms().give_up_lead(key.view());
    }
    if (std::exchange(holds_lock, false)) {
        if (lock_cas != 0) {
            client.remove(lock_server, lock_key.view(),
                          {.cas = lock_cas, .life = lock_life, .stale_for = {}});
        } else if (ngx_current_msec - lock_taken < lock_age) {
            client.remove(lock_server, lock_key.view());
        }
    }
    request::give_back(*pool, key.view(), lease, further);
    request::give_back(*pool, variant_key.view(), variant_lease, further_variant);
    pool->waiting_rooms().wake(key.view(), Wake::LookAgain);
    if (!variant_key.view().empty()) {
        pool->waiting_rooms().wake(variant_key.view(), Wake::LookAgain);
    }
}

}  // namespace mcache::request
