#pragma once

// Brings the worker's copy of a purge log up to date: asks the server for the item's CAS, and only
// where that is not the copy's for its value. Makes a fresh log where there is none, replaces one
// that is none, and shortens one that is too long.
//
// Where pages have copies a server may be away while others are purged, and come back with what it
// had. Who purges writes so into the logs of the others (format/purge_log.h), and who awaits a log
// here asks others, its witnesses, in the same flush: of a server that missed a purge the log is
// made anew, so that nothing stands that was stored there before.

#include <optional>
#include <string_view>

#include "memcached/client/client.h"
#include "pool/claims.h"
#include "pool/purge_logs.h"

namespace mcache::request {

struct Pool;

// Begins its work when it is constructed; destroying it detaches it.
class PurgeLogReader : net::Listener {
  public:
    // The bytes of `site` must outlive the reader.
    PurgeLogReader(Pool& pool, std::string_view site, net::ServerIndex server);

    net::ServerIndex server() const { return server_; }
    bool pending() const { return pending_; }
    // Found: the copy is what the server had at some moment after this began. Missing: there is
    // none, and none could be made. Else as of a Result.
    net::Outcome outcome() const { return outcome_; }
    // The worker's copy, as it was found; null when another has changed it since.
    const format::PurgeLog* log();
    // The same, whatever has changed it, and whether or not the server could be asked.
    const format::PurgeLog& last_known() { return copy().log; }

  protected:
    ~PurgeLogReader() = default;

    // The log that was found is one of those that missed a purge: makes it anew, later than they.
    void renew(std::uint64_t lost);
    // The worker's copy, whatever has changed it.
    PurgeLogCopy& copy() { return site().copies[server_]; }

  private:
    enum class Step : std::uint8_t {
        Look,  // at the item's CAS
        Read,  // its value
        Make,  // a fresh log, in place of none or of one that is none
    };

    virtual void finished() {}
    void answered(const net::Result& result) override;
    void advance(const net::Result& result);
    void read();
    void take(const net::Result& result);
    void make();
    void finish(net::Outcome outcome);
    bool is_too_old();
    PurgeLogs::Site& site();
    net::Client& client() const;

    Pool& pool_;
    std::string_view site_name_;
    PurgeLogs::Site* site_;  // where the sites have not been forgotten since
    std::uint64_t generation_;
    net::ServerIndex server_;
    Step step_ = Step::Look;
    int made_ = 0;            // how often
    std::uint64_t lost_ = 0;  // no log up to this epoch will do
    bool pending_ = false;
    net::Outcome outcome_ = net::Outcome::Down;
    PurgeLogIdentity identity_;
    Lease found_;  // there: what is replaced where the log is made anew
    net::Result refusal_;
};

// The same for the next time.
class UnawaitedPurgeLog final : public PurgeLogReader {
  public:
    using PurgeLogReader::PurgeLogReader;
};

}  // namespace mcache::request
