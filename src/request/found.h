#pragma once

// What a lookup found under a key, and whether it is what was looked for. Bytes from memcached are
// hostile: format, full key and, where pages can be purged by tag or beginning of key, the purge
// log are looked at before anything is used.

#include <cstdint>
#include <string_view>

#include "entry/vary_index.h"
#include "net/operation.h"
#include "request/stored_page.h"

namespace mcache::request {

class Context;
class LogCheck;
struct Lease;

using entry::VaryIndex;

enum class Found : std::uint8_t {
    Nothing,
    Page,         // an entry
    Body,         // a body that the application wrote
    Index,        // this URL has variants
    OurStub,      // nothing, and this request is to fill it
    Stub,         // nothing, and another request fills it
    Unshared,     // nothing: its last responses were not stored
    NotOurs,      // the application keeps something else under this key
    Unavailable,  // no server answered
};

// Of an entry: the backend that made it.
inline constexpr std::uint16_t kBackendSection = 8;

// What one look found: made anew by each.
struct Finding {
    Found kind = Found::Nothing;
    Page page;                   // what lies there, decoded; kept while it is being sent
    net::Answer answer;          // what memcached said of it, without the value
    bool softly_purged = false;  // it is stale, however long it would be fresh
    std::int64_t stub_ttl = 0;   // seconds that it has left
    unsigned refusals = 0;       // Unshared: responses in a row that were not stored
    VaryIndex index;             // what memcached's index of this URL says; no names: there is none
    std::int64_t index_ttl = 0;  // seconds that it had left
    bool index_is_purged = false;  // softly: its variants are not to be found once one is new
    bool of_another_backend = false;  // is the page that lies under the same key
    bool unreachable = false;  // no memcached could say who is to fill, or is to be given the page
};

// Puts what that memcached answered into the context: the page or the index decoded, the lease
// noted.
Found take(Context& context, net::Answer&& answer, net::Place at, std::string_view full_key,
           Lease& lease);

// The same for the variant that was selected, which is no index.
Found take_variant(Context& context, net::Answer&& answer, net::Place at);

// Selects the variant that the request asks for by the index of its URL. False: its key cannot be
// made.
bool select_variant(Context& context, const entry::VaryIndex& index);

// What was purged by tag or by beginning of key since the page was made: Page or Nothing. `cas`: of
// the page's item, by which the verdict is remembered; 0: it is not.
Found judge_by_log(Context& context, const LogCheck& check, std::uint64_t cas);

// The log could not be read. Its server is the page's own: without the one the other cannot be
// trusted.
Found without_log(Context& context, net::Outcome outcome);

}  // namespace mcache::request
