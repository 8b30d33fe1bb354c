#include "pool/replica_removal.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool/missed_purges.h"
#include "pool/pool.h"

namespace mcache::request {

namespace {

// Owns itself from begin() until the last reply.
class Removal {
  public:
    Removal(Pool& pool, std::string_view site) : pool_(pool), site_(site) {}

    static void begin(std::unique_ptr<Removal> removal, const format::Key& key) {
        net::Client& client = removal->pool_.worker_client();
        for (const net::ServerIndex server : client.candidates(key.view())) {
            Copy& copy = removal->copies_.emplace_back();
            copy.all = removal.get();
            copy.server = server;
            net::Result refusal;
            if (client.remove(server, key.view(), {}, copy, refusal)) {
                ++removal->under_way_;
            } else {
                removal->missed_.push_back(server);
            }
        }
        if (removal->under_way_ != 0 || removal->note_missed()) {
            (void)removal.release();
        }
    }

  private:
    class Copy final : public net::Listener {
      public:
        void answered(const net::Result& result) override { all->answered(*this, result); }

        Removal* all = nullptr;
        net::ServerIndex server = 0;
    };

    class Lost final : public LostServers {
      public:
        Lost(Removal& all, Pool& pool, std::string_view site,
             const std::vector<net::ServerIndex>& lost)
            : LostServers(pool, site, lost), all_(all) {}

      private:
        void finished() override { const std::unique_ptr<Removal> done(&all_); }

        Removal& all_;
    };

    void answered(const Copy& copy, const net::Result& result) {
        if (result.outcome != net::Outcome::Found && result.outcome != net::Outcome::Missing) {
            missed_.push_back(copy.server);
        }
        if (--under_way_ == 0 && !note_missed()) {
            const std::unique_ptr<Removal> done(this);
        }
    }

    // False: no command was sent.
    bool note_missed() {
        if (missed_.empty()) {
            return false;
        }
        lost_.emplace(*this, pool_, site_, missed_);
        return lost_->pending();
    }

    Pool& pool_;
    std::string site_;
    std::deque<Copy> copies_;
    std::size_t under_way_ = 0;
    std::vector<net::ServerIndex> missed_;
    std::optional<Lost> lost_;
};

}  // namespace

void remove_copies(Pool& pool, std::string_view site, const format::Key& key) {
    Removal::begin(std::make_unique<Removal>(pool, site), key);
}

}  // namespace mcache::request
