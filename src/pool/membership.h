#pragma once

// The servers of a pool with `resolve`, in one worker: follows what its names resolve to.
//
// A server that joins at run time may have been in the pool before, and hold pages that were purged
// while it was away. So nothing that it keeps from before counts: its purge logs are made anew
// where they are older than its joining (PurgeLogReader), the ones that this worker knows at once,
// lest another worker, which knew the server before, serve what this one has purged.

#include <memory>
#include <string_view>
#include <vector>

#include "memcached/client/name_watch.h"

namespace mcache::request {

struct Pool;

class Membership final : public net::NameWatch::Listener {
  public:
    // Begins to resolve.
    explicit Membership(Pool& pool);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    // Pages of a site are about to be purged of the servers that are known now.
    void note_purge(std::string_view site);

  private:
    class LogRenewal;

    void resolved(std::size_t line, const std::vector<memcached::Address>& addresses,
                  bool at_start) override;
    void say(std::size_t line, const memcached::Roster::Change& change) const;
    void renew_logs(const std::vector<net::ServerIndex>& came);

    Pool& pool_;
    std::vector<std::size_t> left_out_;  // by line: addresses that the log says are not used
    std::uint64_t purged_at_ = 0;        // Unix time in microseconds; 0: not by this worker
    std::vector<std::unique_ptr<LogRenewal>> renewals_;
    std::vector<std::unique_ptr<net::NameWatch>> names_;
};

}  // namespace mcache::request
