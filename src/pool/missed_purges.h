#pragma once

// Records the servers that missed a purge, in a pool with copies: in the site's purge log on every
// other server, where PurgeLogReader looks. So the purge holds without them.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "format/key.h"
#include "memcached/client/client.h"

namespace mcache::request {

struct Pool;

// Starts when it is constructed; destroying it detaches it.
class LostServers {
  public:
    LostServers(Pool& pool, std::string_view site, const std::vector<net::ServerIndex>& lost);
    LostServers(const LostServers&) = delete;
    LostServers& operator=(const LostServers&) = delete;

    bool pending() const { return under_way_ != 0; }
    // Whether enough servers have recorded it: at least one of any set of witnesses has it.
    bool holds() const;

  protected:
    ~LostServers() = default;

  private:
    class Log final : public net::Listener {
      public:
        enum class Step : std::uint8_t {
            Append,
            Add,  // there was no log, or it cannot become longer
            AppendAgain,
            Remove,
            AddAgain,
            GaveUp,
        };
        void answered(const net::Result& result) override { all->answered(*this, result); }

        LostServers* all = nullptr;
        net::ServerIndex server = 0;
        Step step = Step::Append;
    };

    virtual void finished() {}
    bool send(Log& log);
    void answered(Log& log, const net::Result& result);

    Pool& pool_;
    format::Key key_;
    std::string site_;
    std::string lines_;
    std::deque<Log> logs_;
    std::size_t under_way_ = 0;
    std::size_t written_ = 0;
};

}  // namespace mcache::request
