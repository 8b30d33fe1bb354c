#pragma once

// What a request holds of a page so that others may wait for it: the stubs that memcached made for
// it, the lock, the lead among this worker's requests. Given back by the request itself, or by what
// goes on with its store when it has ended.

#include <cstdint>
#include <optional>

#include "entry/key.h"
#include "ngx/api.h"

namespace mcache::request {

struct Pool;

// What memcached said lies under a key when it was asked.
struct Lease {
    std::optional<std::uint64_t> cas;  // a store is refused when the item is another by then
    bool held = false;    // an empty stub is there for this request: to be replaced or removed
    bool vacant = false;  // there was nothing: a store is refused when there is something by then
};

struct Claims {
    Pool* pool = nullptr;
    entry::Key key;  // of the URL
    entry::Key variant_key;
    entry::Key lock_key;
    Lease lease;
    Lease variant_lease;
    bool leads = false;
    bool holds_lock = false;
    std::uint64_t lock_cas = 0;
    ngx_msec_t lock_taken = 0;
    ngx_msec_t lock_age = 0;

    // Lets the next request that wants to fill or refresh the page do so.
    void give_back();
};

}  // namespace mcache::request
