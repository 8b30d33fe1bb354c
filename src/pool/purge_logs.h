#pragma once

// A worker's copies of the purge logs (format/purge_log.h), one per site and server. A copy is
// valid as long as the item in memcached has the CAS that it was read with; see PurgeLogReader.

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

// Identifies the item of a copy. After a restart memcached counts its CAS from 1 again; therefore
// the flags hold a part of the log's epoch.
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
    ngx_msec_t vouched_at = 0;  // last time at which no missed purge was found
};

class PurgeLogs {
  public:
    struct Site {
        format::Key key;  // of the site's log, the same on each server; empty: it has none
        std::vector<PurgeLogCopy> copies;  // by server
    };

    // The site is the value of mcache_key_prefix. The reference is valid until generation()
    // changes.
    Site& site(std::string_view name, std::size_t servers);
    std::uint64_t generation() const { return generation_; }
    std::vector<std::string> known_sites() const;
    // The pool now has so many servers.
    void make_room(std::size_t servers);

    // The log's verdict on an entry. `page` is its item's CAS: the verdict is remembered for it
    // until the log changes, so that many tags cost no more than one. 0: do not remember it.
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
    std::uint64_t generation_ = 0;                              // how often the sites were dropped
    std::unique_ptr<std::array<Verdict, kVerdicts>> verdicts_;  // created with the first verdict
};

// Makes a new log with these lines, later than any lost one. False if there is no memory.
bool make_purge_log(std::uint64_t lost, std::string_view lines, net::StoreCommand& command);

// Text as the value of a command. False if there is no memory.
bool put_text(net::StoreCommand& command, std::string_view text);

// The latest epoch of logs created up to now, plus one second for nodes whose clock is ahead.
std::uint64_t purge_epoch_of_now();
// The same up to a given time, as ngx_current_msec.
std::uint64_t purge_epoch_of(ngx_msec_t moment);

// Number of witnesses that are asked for missed purges. A purge is not acknowledged if more servers
// missed it.
inline constexpr std::size_t kWitnesses = 2;

}  // namespace mcache::request
