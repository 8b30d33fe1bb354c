#include "request/purge_log_reader.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string>

#include "request/await.h"
#include "request/context.h"

namespace mcache::request {

namespace {

// The logs of a site that is new are made in the same moment: none of them is younger.
constexpr std::uint64_t kMadeTogether = 100000;  // microseconds

// The log may be deleted as soon as it is made, but hardly again and again.
constexpr int kMaxMade = 3;

}  // namespace

PurgeLogReader::PurgeLogReader(Pool& pool, std::string_view site, net::ServerIndex server)
    : pool_(pool),
      site_name_(site),
      site_(&pool.purge_logs().site(site, pool.worker_client().server_count())),
      generation_(pool.purge_logs().generation()),
      server_(server) {
    if (site_->key.view().empty()) {
        finish(net::Outcome::Missing);
        return;
    }
    pending_ = client().peek(server_, site_->key.view(), 0, *this, refusal_);
    outcome_ = refusal_.outcome;
}

PurgeLogs::Site& PurgeLogReader::site() {
    PurgeLogs& logs = pool_.purge_logs();
    if (generation_ != logs.generation()) {
        site_ = &logs.site(site_name_, client().server_count());
        generation_ = logs.generation();
    }
    return *site_;
}

net::Client& PurgeLogReader::client() const {
    return pool_.worker_client();
}

const entry::PurgeLog* PurgeLogReader::log() {
    const PurgeLogCopy& copy = site().copies[server_];
    return outcome_ == net::Outcome::Found && copy.identity == identity_ ? &copy.log : nullptr;
}

void PurgeLogReader::answered(const net::Answer& answer) {
    try {
        advance(answer);
    } catch (const std::bad_alloc&) {  // whoever waits is told all the same
        finish(net::Outcome::Down);
    }
    if (!pending_) {
        finished();
    }
}

void PurgeLogReader::advance(const net::Answer& answer) {
    const bool there = answer.outcome == net::Outcome::Found;
    if (!there && answer.outcome != net::Outcome::Missing) {
        return finish(answer.outcome);
    }
    switch (step_) {
        case Step::Look:
            identity_ = PurgeLogIdentity::of(answer);
            if (!there) {
                return make(std::nullopt);
            }
            // A server without CAS has sent the value, as all of the classic protocol do.
            if (identity_.cas != 0 && site().copies[server_].identity == identity_) {
                return is_too_old() ? make(answer.cas) : finish(net::Outcome::Found);
            }
            return answer.value ? take(answer) : read();
        case Step::Read:
            return there ? take(answer) : make(std::nullopt);
        case Step::Make:  // by this worker, or by another that was faster
            return read();
    }
}

void PurgeLogReader::read() {
    step_ = Step::Read;
    pending_ = client().get(server_, site().key.view(), 0, *this, refusal_);
    outcome_ = refusal_.outcome;
}

void PurgeLogReader::take(const net::Answer& answer) {
    PurgeLogs::Site& known = site();
    PurgeLogCopy& copy = known.copies[server_];
    identity_ = PurgeLogIdentity::of(answer);
    const std::string_view text = answer.value->view();
    copy.identity = identity_;
    if (copy.log.read(text) != Parse::Ok) {
        copy.identity = PurgeLogIdentity{};
        return make(answer.cas);
    }
    if (text.size() > entry::kPurgeLogLimit) {
        net::StoreCommand command;
        command.flags = answer.flags;
        command.cas = answer.cas;
        command.life = answer.life;
        if (put_text(command, entry::compacted_purge_log(text))) {
            client().store(server_, known.key.view(), std::move(command));
        }
    }
    if (copy.log.end().epoch <= lost_ || is_too_old()) {
        return make(answer.cas);
    }
    finish(net::Outcome::Found);
}

// The server joined later, and may miss purges from before: see Membership.
bool PurgeLogReader::is_too_old() {
    const std::uint64_t since = client().server(server_).since();
    return since != 0 && entry::purge_epoch_time(copy().log.end().epoch) < since;
}

void PurgeLogReader::renew(std::uint64_t lost) {
    lost_ = lost;
    make(identity_.cas);
}

// `cas`: of what is to be replaced; 0: unknown.
void PurgeLogReader::make(std::optional<std::uint64_t> cas) {
    // What the log in hand says of other servers is not in its place alone.
    std::string lost_servers;
    if (cas && copy().identity == identity_) {
        copy().log.append_lost_beyond({}, lost_servers);
    }
    net::StoreCommand command;
    if (++made_ > kMaxMade || !make_purge_log(lost_, lost_servers, command)) {
        return finish(net::Outcome::Missing);
    }
    command.mode = cas ? memcached::SetMode::Set : memcached::SetMode::Add;
    if (cas && *cas != 0) {
        command.cas = cas;
    }
    step_ = Step::Make;
    pending_ = client().store(server_, site().key.view(), std::move(command), *this, refusal_);
    outcome_ = refusal_.outcome;
}

void PurgeLogReader::finish(net::Outcome outcome) {
    pending_ = false;
    outcome_ = outcome;
}

// ---- with witnesses ---------------------------------------------------------------------------

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
        const std::uint64_t since = good + entry::make_purge_epoch(kMadeTogether, 0);
        std::uint64_t lost = 0;
        bool vouched = false;
        for (std::optional<Reader>& reader : readers_) {
            if (reader && reader->outcome() == net::Outcome::Found) {
                const entry::PurgeLog& log = reader->last_known();
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

}  // namespace mcache::request
