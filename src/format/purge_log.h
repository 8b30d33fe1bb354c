#pragma once

// The purge log: one memcached item a site and server, in which purges by tag and by prefix of
// key are written down in order, by appending. Text:
//
//     mcache-purges <epoch> <base>\n    epoch: 16 lower-case hex digits, not all 0; base: decimal
//     tag <tag>\n                       pages with this tag that are older than this line are gone
//     soft-tag <tag>\n                  they are stale
//     under <string>\n                  likewise those whose key, without the site, begins with the
//     soft-under <string>\n             string, which may be empty
//     lost <server> <epoch>\n           that server missed a purge: what lies there under a log
//                                       whose epoch is not above this one is gone
//
// A position in the log is `base` and the offset behind the first line. An entry's stamp says how
// far the log was before its fill began: what stands at or behind that position is younger than the
// entry, and counts. When a log is lost (evicted, deleted, the server restarted), the next one has
// another epoch, and with it every entry of the old one is gone: a loss costs misses, never brings
// an old page back.
//
// An epoch is made from the clock, so that a purge can tell the logs that were made before it from
// those made after. A `lost` line stands in the logs of the other servers of a pool that keeps
// copies: the server itself could not be told, and may come back with what was purged. Of several
// lines about one server each later one reaches further than the one before by kLostStep at least,
// and a new log of that server is made with next_purge_epoch(): so the order of the lines counts,
// also where the clocks of those who write them are not quite together.
//
// Anybody may have written there: a line that is none of these counts as the purge of everything.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "base/parse.h"

namespace mcache::format {

struct Stamp {
    std::uint64_t epoch = 0;  // 0: of no log
    std::uint64_t position = 0;

    bool operator==(const Stamp&) const = default;
};

// Of an entry, in the light of a log.
enum class Standing : std::uint8_t {
    Stands,
    Stale,  // softly purged: as if its freshness had ended
    Gone,   // as if it were not there
};

// Of a line about a lost server; larger than any that a clock makes.
inline constexpr std::uint64_t kLastEpoch = ~(~std::uint64_t{0} >> 32);

// A log beyond this many bytes is to be replaced by what compacted_purge_log() makes of it.
inline constexpr std::size_t kPurgeLogLimit = 64 * 1024;

class PurgeLog {
  public:
    // Takes over what the item's value says. Of a log that has only become longer, only what is
    // new is parsed. Invalid: it has no first line or its last line has no end; nothing is known
    // then, no entry stands, and the item is to be replaced by a fresh log.
    Parse read(std::string_view text);

    // How far the log goes: the stamp of a fill that begins now. Epoch 0: nothing is known.
    const Stamp& end() const { return end_; }

    // The largest epoch of a log of that server that missed a purge; 0: none did.
    std::uint64_t lost_until(std::string_view server) const;

    // `key` without its site; `tags` one a line. The same for the same stamp, until the log grows.
    Standing judge(const Stamp& stamp, std::string_view key, std::string_view tags) const;

    // Says again in `lines` what this log says of lost servers and `other` does not.
    void append_lost_beyond(const PurgeLog& other, std::string& lines) const;

  private:
    // Of records of one kind the last is what counts. Entries whose position is less are meant;
    // 0: there is no such record.
    struct Reach {
        std::uint64_t hard = 0;
        std::uint64_t soft = 0;
    };
    using Reaches = std::unordered_map<std::string, Reach, KeyedHash, std::equal_to<>>;

    void take_line(std::string_view line, std::uint64_t position);
    bool take_lost(std::string_view line);

    Stamp end_;
    std::uint64_t base_ = 0;
    Reach all_;  // of what concerns every entry
    Reaches tags_;
    Reaches prefixes_;
    std::unordered_map<std::string, std::uint64_t, KeyedHash, std::equal_to<>> lost_;
};

// An empty log. `epoch` must never have been used for this item: see make_purge_epoch().
std::string fresh_purge_log(std::uint64_t epoch);

// The client flags of a log: its epoch in part, so that another log with the same CAS, after a
// restart, is told from it without being read; and what format::classify_item() takes for none of
// its pages.
std::uint32_t purge_log_flags(std::uint64_t epoch);

// The clock, so that an epoch does not come again, and random bits for logs that are made at the
// same time. Never 0.
std::uint64_t make_purge_epoch(std::uint64_t microseconds, std::uint64_t random);

// For a log in place of those up to `lost`: the same, and later than they.
std::uint64_t next_purge_epoch(std::uint64_t microseconds, std::uint64_t random,
                               std::uint64_t lost);

// The clock that an epoch was made of, in microseconds.
std::uint64_t purge_epoch_time(std::uint64_t epoch);

// A log without its older half, for one that read() took, but for what it says of lost servers. The
// entries that are older than what is left are gone with it.
std::string compacted_purge_log(std::string_view text);

// Lines to be appended. False, and nothing is added: the text cannot be said in a line. The epoch
// is at most kLastEpoch.
bool append_tag_purge(std::string& lines, std::string_view tag, bool soft);
bool append_prefix_purge(std::string& lines, std::string_view prefix, bool soft);
bool append_lost(std::string& lines, std::string_view server, std::uint64_t epoch);

}  // namespace mcache::format
