#pragma once

// Updates the worker's copy of a purge log: requests the item's CAS, and its value only if the CAS
// differs. Creates a missing log, replaces an invalid one, and shortens one that is too long.
//
// In a pool with copies a server may be away during a purge and come back with its old pages. A
// purge records this in the logs of the other servers (format/purge_log.h). Therefore the reader
// also asks some of them, the witnesses, in the same flush. The log of a server that missed a purge
// is replaced, so that its older pages are no longer valid.

#include <optional>
#include <string_view>

#include "memcached/client/client.h"
#include "pool/claims.h"
#include "pool/purge_logs.h"

namespace mcache::request {

struct Pool;

// Starts when it is constructed; destroying it detaches it.
class PurgeLogReader : net::Listener {
  public:
    // The bytes of `site` must outlive the reader.
    PurgeLogReader(Pool& pool, std::string_view site, net::ServerIndex server);

    net::ServerIndex server() const { return server_; }
    bool pending() const { return pending_; }
    // Found: the copy is the state of the server at some time after this started. Missing: there is
    // none, and none could be created. Otherwise as in Result.
    net::Outcome outcome() const { return outcome_; }
    // The worker's copy, as found; null if another reader has changed it since.
    const format::PurgeLog* log();
    // The same, regardless of changes, and even if the server could not be asked.
    const format::PurgeLog& last_known() { return copy().log; }

  protected:
    ~PurgeLogReader() = default;

    // The log found belongs to a server that missed a purge: replaces it by a later one.
    void renew(std::uint64_t lost);
    // The worker's copy, regardless of changes.
    PurgeLogCopy& copy() { return site().copies[server_]; }

  private:
    enum class Step : std::uint8_t {
        Look,  // get the item's CAS
        Read,  // get its value
        Make,  // store a new log, in place of a missing or invalid one
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
    PurgeLogs::Site* site_;  // valid unless the sites were dropped since
    std::uint64_t generation_;
    net::ServerIndex server_;
    Step step_ = Step::Look;
    int made_ = 0;            // how often
    std::uint64_t lost_ = 0;  // logs up to this epoch are not valid
    bool pending_ = false;
    net::Outcome outcome_ = net::Outcome::Down;
    PurgeLogIdentity identity_;
    Lease found_;  // the item to replace with a new log
    net::Result refusal_;
};

// The same for the next time.
class UnawaitedPurgeLog final : public PurgeLogReader {
  public:
    using PurgeLogReader::PurgeLogReader;
};

}  // namespace mcache::request
