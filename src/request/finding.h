#pragma once

// What a lookup found under a key.

#include <cstdint>

#include "format/vary_index.h"
#include "http/reason.h"
#include "memcached/client/operation.h"
#include "request/found.h"
#include "request/stored_page.h"

namespace mcache::request {

using format::VaryIndex;

// What one look found: made anew by each.
struct Finding {
    Found kind = Found::Nothing;
    http::Reason why = http::Reason::Miss;  // there is no page
    Page page;                              // what lies there, decoded; kept while it is being sent
    net::Result result;                     // what memcached said of it, without the value
    bool softly_purged = false;             // it is stale, however long it would be fresh
    std::int64_t stub_ttl = 0;              // seconds that it has left
    unsigned refusals = 0;                  // Unshared: responses in a row that were not stored
    VaryIndex index;             // what memcached's index of this URL says; no names: there is none
    std::int64_t index_ttl = 0;  // seconds that it had left
    bool index_is_purged = false;     // softly: its variants are not to be found once one is new
    bool of_another_backend = false;  // is the page that lies under the same key
    bool unreachable = false;  // no memcached could say who is to fill, or is to be given the page
};

}  // namespace mcache::request
