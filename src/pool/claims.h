#pragma once

// A request's claims on a page while others wait for it: the stubs that memcached made for it, the
// lock, and the lead among this worker's requests. The request releases them, or the store that
// outlives it.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "format/key.h"
#include "memcached/client/operation.h"
#include "ngx/api.h"

namespace mcache::request {

struct Pool;

// The state of a key in one memcached, as it was looked up.
struct Lease {
    net::Place at;                     // the server
    std::optional<std::uint64_t> cas;  // a store is refused if the item has changed
    std::uint64_t life = 0;            // of the answer, see net::StoreCommand
    bool held = false;                 // this request has the stub, and must replace or remove it
    bool vacant = false;  // there was no item: a store is refused if there is one by then

    static Lease of(const net::Result& result, net::Place at);
};

// Leases of the other servers that get a copy of a new value.
using FurtherLeases = std::vector<Lease>;

inline bool any_is_held(const FurtherLeases& leases) {
    return std::any_of(leases.begin(), leases.end(), [](const Lease& lease) { return lease.held; });
}

// Removes the stubs held by this request.
void give_back(Pool& pool, std::string_view key, Lease& lease, FurtherLeases& further);

struct Claims {
    Pool* pool = nullptr;
    format::Key key;  // of the URL
    format::Key variant_key;
    format::Key lock_key;
    Lease lease;
    Lease variant_lease;
    FurtherLeases further;
    FurtherLeases further_variant;
    net::ServerIndex lock_server = 0;
    bool leads = false;
    bool holds_lock = false;
    std::uint64_t lock_cas = 0;
    std::uint64_t lock_life = 0;
    ngx_msec_t lock_taken = 0;
    ngx_msec_t lock_age = 0;  // guaranteed lifetime of the lock

    // Lets the next request fill or refresh the page.
    void give_back();
};

// Claims that are kept until the page is stored, so that the next holder of the lock finds the
// page, even if lock and page are on different servers. The stores share them; the last one
// releases them.
class ClaimsUntilStored {
  public:
    explicit ClaimsUntilStored(Claims&& taken) : claims(std::move(taken)) {}
    ~ClaimsUntilStored() { claims.give_back(); }
    ClaimsUntilStored(const ClaimsUntilStored&) = delete;
    ClaimsUntilStored& operator=(const ClaimsUntilStored&) = delete;

    Claims claims;
};
using SharedClaims = std::shared_ptr<ClaimsUntilStored>;

}  // namespace mcache::request
