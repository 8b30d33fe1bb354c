#pragma once

// What a request holds of a page so that others may wait for it: the stubs that memcached made for
// it, the lock, the lead among this worker's requests. Given back by the request itself, or by what
// goes on with its store when it has ended.

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

// What a memcached said lies under a key when it was asked.
struct Lease {
    net::Place at;                     // who said so
    std::optional<std::uint64_t> cas;  // a store is refused when the item is another by then
    std::uint64_t life = 0;            // of the answer, see net::StoreCommand
    bool held = false;    // an empty stub is there for this request: to be replaced or removed
    bool vacant = false;  // there was nothing: a store is refused when there is something by then

    static Lease of(const net::Result& result, net::Place at);
};

// Of the other servers that a copy of a new value is to be stored on.
using FurtherLeases = std::vector<Lease>;

inline bool any_is_held(const FurtherLeases& leases) {
    return std::any_of(leases.begin(), leases.end(), [](const Lease& lease) { return lease.held; });
}

// Removes the stubs that are held.
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
    ngx_msec_t lock_age = 0;  // for as long it is this one's for sure

    // Lets the next request that wants to fill or refresh the page do so.
    void give_back();
};

// Claims that are kept until what they were for is stored: whoever gets the lock then finds the
// page, also where lock and page lie on two servers. Shared by the stores; given back by the last.
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
