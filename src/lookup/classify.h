#pragma once

// Whether what lies under a key is what was looked for. Bytes from memcached are
// hostile: format, full key and, where pages can be purged by tag or beginning of key, the purge
// log are looked at before anything is used.

#include <cstdint>
#include <string_view>

#include "memcached/client/operation.h"
#include "request/finding.h"

namespace mcache::request {

class Context;
class LogCheck;
struct Lease;

// Puts what that memcached answered into the context: the page or the index decoded, the lease
// noted.
Found take(Context& context, net::Result&& result, net::Place at, std::string_view full_key,
           Lease& lease);

// The same for the variant that was selected, which is no index.
Found take_variant(Context& context, net::Result&& result, net::Place at);

// Selects the variant that the request asks for by the index of its URL. False: its key cannot be
// made.
bool select_variant(Context& context, const format::VaryIndex& index);

// What was purged by tag or by beginning of key since the page was made: Page or Nothing. `cas`: of
// the page's item, by which the verdict is remembered; 0: it is not.
Found judge_by_log(Context& context, const LogCheck& check, std::uint64_t cas);

// The log could not be read. Its server is the page's own: without the one the other cannot be
// trusted.
Found without_log(Context& context, net::Outcome outcome);

}  // namespace mcache::request
