#pragma once

// Stores a value on each server that was leased for it (claims.h).

#include <string_view>

#include "memcached/client/operation.h"
#include "pool/claims.h"

namespace mcache::request {

struct Pool;

// Sends the value to each server, guarded by that server's lease: a purge or another store in
// between wins. False: the first server does not get it. Replaced stubs are no longer held. Without
// memory for a copy, the other servers do not get it.
bool store_copies(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                  FurtherLeases& further, net::Listener* listener = nullptr) noexcept;

// The same under a URL's key, for which requests of other workers may wait. `until_stored` may be
// null.
bool store_for_all(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                   FurtherLeases& further, const SharedClaims& until_stored);

}  // namespace mcache::request
