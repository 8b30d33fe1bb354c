#pragma once

// The purge logs beside a lookup: of the server of the URL's key, and where the URL has variants of
// that of the variant's. Where mcache_purge_log is off nothing is asked, and nothing is ever begun.

#include <cstdint>
#include <optional>

#include "format/key.h"
#include "format/purge_log.h"
#include "memcached/client/client.h"
#include "request/await_purge_log.h"

namespace mcache::request {

class LogCheck {
  public:
    explicit LogCheck(Context& context);

    // A key of that server is about to be looked up: its log is asked for in the same flush.
    void begin(net::ServerIndex server);
    // So is another one, of which look_beside() says that it is what counts.
    void begin_beside(net::ServerIndex server);
    void look_beside();

    bool begun() const { return counts_ != nullptr; }
    // To be awaited.
    AwaitPurgeLog& log() { return *counts_; }
    // Whether the server could be asked for its log.
    static bool can_go_on(net::Outcome log) {
        return log == net::Outcome::Found || log == net::Outcome::Missing;
    }

    // Where pages have copies an index says, as an entry does, by which logs it was made: who
    // missed a purge would lead with it to variants on servers that were not concerned.
    bool guards_index() const;
    // Of the index that the context has just taken, by the log that was awaited.
    bool index_stands(const Context& context) const;

    // Of the page that the context holds, by the log that was awaited. `cas` is of the page's item;
    // 0: unknown. Gone where there is no log, or the log is another by now.
    format::Standing judge(const Context& context, std::uint64_t cas) const;

  private:
    const format::PurgeLog* log(const Context& context) const;

    Context& context_;
    bool checks_;
    std::optional<AwaitPurgeLog> first_;
    std::optional<AwaitPurgeLog> beside_;
    AwaitPurgeLog* other_ = nullptr;  // what look_beside() turns to
    AwaitPurgeLog* counts_ = nullptr;
};

}  // namespace mcache::request
