#include "request/claims.h"

#include <utility>

#include "request/conf.h"

namespace mcache::request {

void Claims::give_back() {
    net::Client& client = pool->worker_client();
    if (std::exchange(leads, false)) {
        pool->waiting_rooms().give_up_lead(key.view());
    }
    if (std::exchange(holds_lock, false)) {
        if (lock_cas != 0) {
            client.remove(lock_key.view(), {.cas = lock_cas, .stale_for = {}});
        } else if (ngx_current_msec - lock_taken < lock_age) {
            client.remove(lock_key.view());
        }
    }
    if (std::exchange(lease.held, false)) {
        client.remove(key.view(), {.cas = lease.cas, .stale_for = {}});
    }
    if (std::exchange(variant_lease.held, false)) {
        client.remove(variant_key.view(), {.cas = variant_lease.cas, .stale_for = {}});
    }
    pool->waiting_rooms().wake(key.view(), Word::LookAgain);
}

}  // namespace mcache::request
