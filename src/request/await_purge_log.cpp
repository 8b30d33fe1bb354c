#include "request/await_purge_log.h"

#include <algorithm>
#include <array>
#include <optional>

#include "request/await.h"
#include "request/context.h"

namespace mcache::request {

namespace {

// The logs of a site that is new are made in the same moment: none of them is younger.
constexpr std::uint64_t kMadeTogether = 100000;  // microseconds

}  // namespace

// Two, so that one may be without the line: it lost its log since, or whoever purged could not
// reach it although this node can. See kWitnesses.
class AwaitPurgeLog::Witnesses {
  public:
    Witnesses(AwaitPurgeLog& owner, Pool& pool, std::string_view site) : owner_(owner) {
        const net::Client& client = pool.worker_client();
        const std::size_t servers = client.server_count();
        std::size_t asked = 0;
        for (std::size_t i = 1; i < servers && asked < kWitnesses; ++i) {
            const net::ServerIndex other = (owner.server() + i) % servers;
            if (client.admits(other)) {
                readers_[asked++].emplace(*this, pool, site, other);
            }
        }
    }

    bool pending() const {
        return std::any_of(readers_.begin(), readers_.end(),
                           [](const auto& reader) { return reader && reader->pending(); });
    }

    // No log of the server up to this epoch will do.
    std::uint64_t lost_until(const net::Server& server, PurgeLogCopy& copy) {
        const std::uint64_t epoch = copy.log.end().epoch;
        const std::uint64_t good =
            copy.vouched_at == 0 ? epoch : std::max(epoch, purge_epoch_of(copy.vouched_at));
        const std::uint64_t since = good + format::make_purge_epoch(kMadeTogether, 0);
        std::uint64_t lost = 0;
        bool vouched = false;
        for (std::optional<Reader>& reader : readers_) {
            if (reader && reader->outcome() == net::Outcome::Found) {
                const format::PurgeLog& log = reader->last_known();
                vouched = vouched || log.end().epoch <= since;
                lost = std::max(lost, log.lost_until(server.name()));
            }
        }
        // Nobody can be asked whose log goes back far enough. A server that was away itself since
        // it was good last may have missed what only those knew that are gone now.
        const ngx_msec_t back_since = server.health().back_since();
        if (!vouched && back_since != 0 && copy.vouched_at <= back_since) {
            lost = std::max(lost, purge_epoch_of(back_since));
        }
        if (epoch > lost) {
            copy.vouched_at = began_;
        }
        return lost;
    }

  private:
    class Reader final : public PurgeLogReader {
      public:
        Reader(Witnesses& all, Pool& pool, std::string_view site, net::ServerIndex server)
            : PurgeLogReader(pool, site, server), all_(all) {}

      private:
        void finished() override { all_.owner_.go_on(); }

        Witnesses& all_;
    };

    AwaitPurgeLog& owner_;
    const ngx_msec_t began_ = ngx_current_msec;
    std::array<std::optional<Reader>, kWitnesses> readers_;
};

AwaitPurgeLog::AwaitPurgeLog(Context& context, net::ServerIndex server)
    : PurgeLogReader(*context.conf().pool, context.site(), server), context_(context) {
    if (context.client().options().keeps_copies()) {
        witnesses_ = std::make_unique<Witnesses>(*this, *context.conf().pool, context.site());
    }
}

AwaitPurgeLog::~AwaitPurgeLog() = default;

bool AwaitPurgeLog::settled() {
    if (pending() || witnesses_ == nullptr || outcome() != net::Outcome::Found) {
        return !pending();
    }
    if (witnesses_->pending()) {
        return false;
    }
    const std::uint64_t lost = witnesses_->lost_until(context_.client().server(server()), copy());
    if (copy().log.end().epoch <= lost) {
        renew(lost);
    }
    return !pending();
}

void AwaitPurgeLog::go_on() {
    if (settled() && journey_) {
        step(context_, journey_);
    }
}

AwaitLostServers::AwaitLostServers(Context& context, std::string_view site,
                                   const std::vector<net::ServerIndex>& lost)
    : LostServers(*context.conf().pool, site, lost), context_(context) {}

void AwaitLostServers::finished() {
    if (journey_) {
        step(context_, journey_);
    }
}

}  // namespace mcache::request
