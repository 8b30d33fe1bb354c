#pragma once

// A worker's copies of the purge logs (format/purge_log.h), one a site and server. A copy is the
// truth as long as the item in memcached has the CAS that it was read with; see PurgeLogReader.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "format/key.h"
#include "format/purge_log.h"
#include "format/tags.h"
#include "memcached/client/client.h"

namespace mcache::request {

// Of the item that a copy was read from. After a restart memcached counts its CAS anew: the flags
// hold a part of the log's epoch.
struct PurgeLogIdentity {
    std::uint64_t cas = 0;
    std::uint32_t flags = 0;
    std::uint32_t size = 0;

    static PurgeLogIdentity of(const net::Result& result) {
        return {result.cas, result.flags, result.size};
    }
    bool operator==(const PurgeLogIdentity&) const = default;
};

struct PurgeLogCopy {
    format::PurgeLog log;
    PurgeLogIdentity identity;
    ngx_msec_t vouched_at = 0;  // when it was last found not to have missed a purge
};

class PurgeLogs {
  public:
    struct Site {
        format::Key key;  // of the site's log, the same on each server; empty: it cannot be made
        std::vector<PurgeLogCopy> copies;  // by server
    };

    // The site is what mcache_key_prefix says. The reference is good as long as generation() stays.
    Site& site(std::string_view name, std::size_t servers);
    std::uint64_t generation() const { return generation_; }
    std::vector<std::string> known_sites() const;
    // The pool has so many servers now.
    void make_room(std::size_t servers);

    // What the log says of an entry. `page` is its item's CAS, by which the verdict is remembered
    // until the log changes, so that many tags cost once what one does; 0: it is not.
    format::Standing judge(const format::PurgeLog& log, const format::PurgeFacts& facts,
                           std::string_view key, std::uint64_t page);

  private:
    static constexpr std::size_t kMaxSites = 1024;
    static constexpr std::size_t kVerdicts = 1024;  // a power of two

    struct Verdict {
        std::uint64_t page = 0;
        std::uint64_t key_hash = 0;
        format::Stamp stamp;
        format::Stamp end;  // of the log
        format::Standing standing = format::Standing::Gone;
    };

    std::unordered_map<std::string, Site, KeyedHash, std::equal_to<>> sites_;
    std::uint64_t generation_ = 0;  // how often the sites were forgotten
    std::unique_ptr<std::array<Verdict, kVerdicts>> verdicts_;  // made when there is a first
};

// A fresh log with these lines, later than any that is lost, to be stored. False when there is no
// memory.
bool make_purge_log(std::uint64_t lost, std::string_view lines, net::StoreCommand& command);

// Text as the value of a command. False when there is no memory.
bool put_text(net::StoreCommand& command, std::string_view text);

// The last epoch of logs that were made up to now, and a second more: whose clock is ahead of this
// node's by that is still found.
std::uint64_t purge_epoch_of_now();
// The last of those up to a moment, as ngx_current_msec.
std::uint64_t purge_epoch_of(ngx_msec_t moment);

// How many other servers are asked whether one missed a purge. A purge that more than so many
// servers did not hear of is not acknowledged.
inline constexpr std::size_t kWitnesses = 2;

}  // namespace mcache::request
