#pragma once

// The servers of a pool with `resolve`, in one worker: follows the addresses of its names.
//
// A server that joins at run time may have been in the pool before, and hold pages that were purged
// meanwhile. Its old pages must not be used. Therefore purge logs older than its joining are
// replaced (PurgeLogReader). Those that this worker knows are replaced at once: another worker that
// already knew the server might otherwise serve a page that this one has purged.

#include <memory>
#include <string_view>
#include <vector>

#include "memcached/client/name_watch.h"

namespace mcache::request {

struct Pool;

class Membership final : public net::NameWatch::Listener {
  public:
    // Starts to resolve names.
    explicit Membership(Pool& pool);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    // Pages of a site are about to be purged from the currently known servers.
    void note_purge(std::string_view site);

  private:
    class LogRenewal;

    void resolved(std::size_t line, const std::vector<memcached::Address>& addresses,
                  bool at_start) override;
    void say(std::size_t line, const memcached::Roster::Change& change) const;
    void renew_logs(const std::vector<net::ServerIndex>& came);

    Pool& pool_;
    std::vector<std::size_t> left_out_;  // by line: unused addresses that were logged
    std::uint64_t purged_at_ = 0;        // Unix time in microseconds; 0: not by this worker
    std::vector<std::unique_ptr<LogRenewal>> renewals_;
    std::vector<std::unique_ptr<net::NameWatch>> names_;
};

}  // namespace mcache::request
