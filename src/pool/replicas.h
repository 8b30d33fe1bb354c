#pragma once

// A value on its way to each server that was leased for it (claims.h).

#include <string_view>

#include "memcached/client/operation.h"
#include "pool/claims.h"

namespace mcache::request {

struct Pool;

// Sends the value off, to each server under the guard of its own lease: whatever became of the item
// there meanwhile, a purge or another's store, stands. False: the first server does not get it.
// Stubs that it takes the place of are not held any more. Where there is no memory to copy it, the
// other servers do not get it.
bool store_copies(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                  FurtherLeases& further, net::Listener* listener = nullptr) noexcept;

// The same under a URL's key, for which requests in other workers may be waiting. `until_stored`
// may be null.
bool store_for_all(Pool& pool, std::string_view key, net::StoreCommand&& command, Lease& lease,
                   FurtherLeases& further, const SharedClaims& until_stored);

}  // namespace mcache::request
