#include "pool/purge_log_reader.h"

#include <new>
#include <optional>
#include <string>

#include "pool/pool.h"

namespace mcache::request {

namespace {

// The log may be deleted right after it was created, but hardly repeatedly.
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

const format::PurgeLog* PurgeLogReader::log() {
    const PurgeLogCopy& copy = site().copies[server_];
    return outcome_ == net::Outcome::Found && copy.identity == identity_ ? &copy.log : nullptr;
}

void PurgeLogReader::answered(const net::Result& result) {
    try {
        advance(result);
    } catch (const std::bad_alloc&) {  // the waiting request is told in any case
        finish(net::Outcome::Down);
    }
    if (!pending_) {
        finished();
    }
}

void PurgeLogReader::advance(const net::Result& result) {
    const bool there = result.outcome == net::Outcome::Found;
    if (!there && result.outcome != net::Outcome::Missing) {
        return finish(result.outcome);
    }
    switch (step_) {
        case Step::Look:
            identity_ = PurgeLogIdentity::of(result);
            found_ = Lease::of(result, {server_});
            if (!there) {
                return make();
            }
            // Servers without CAS, and all in the classic protocol, have sent the value.
            if (identity_.cas != 0 && site().copies[server_].identity == identity_) {
                return is_too_old() ? make() : finish(net::Outcome::Found);
            }
            return result.value ? take(result) : read();
        case Step::Read:
            found_ = Lease::of(result, {server_});
            return there ? take(result) : make();
        case Step::Make:  // by this worker, or by another that was faster
            return read();
    }
}

void PurgeLogReader::read() {
    step_ = Step::Read;
    pending_ = client().get(server_, site().key.view(), 0, *this, refusal_);
    outcome_ = refusal_.outcome;
}

void PurgeLogReader::take(const net::Result& result) {
    PurgeLogs::Site& known = site();
    PurgeLogCopy& copy = known.copies[server_];
    identity_ = PurgeLogIdentity::of(result);
    const std::string_view text = result.value->view();
    copy.identity = identity_;
    if (copy.log.read(text) != Parse::Ok) {
        copy.identity = PurgeLogIdentity{};
        return make();
    }
    if (text.size() > format::kPurgeLogLimit) {
        net::StoreCommand command;
        command.flags = result.flags;
        command.cas = result.cas;
        command.life = result.life;
        if (put_text(command, format::compacted_purge_log(text))) {
            client().store(server_, known.key.view(), std::move(command));
        }
    }
    if (copy.log.end().epoch <= lost_ || is_too_old()) {
        return make();
    }
    finish(net::Outcome::Found);
}

// The server joined later, and may miss purges from before: see Membership.
bool PurgeLogReader::is_too_old() {
    const std::uint64_t since = client().server(server_).since();
    return since != 0 && format::purge_epoch_time(copy().log.end().epoch) < since;
}

void PurgeLogReader::renew(std::uint64_t lost) {
    lost_ = lost;
    make();
}

// Replaces the log that was found.
void PurgeLogReader::make() {
    // What the log in hand says of other servers is not in its place alone.
    std::string lost_servers;
    if (!found_.vacant && copy().identity == identity_) {
        copy().log.append_lost_beyond({}, lost_servers);
    }
    net::StoreCommand command;
    if (++made_ > kMaxMade || !make_purge_log(lost_, lost_servers, command)) {
        return finish(net::Outcome::Missing);
    }
    command.mode = found_.vacant ? memcached::SetMode::Add : memcached::SetMode::Set;
    command.cas = found_.cas;
    command.life = found_.life;
    step_ = Step::Make;
    pending_ = client().store(server_, site().key.view(), std::move(command), *this, refusal_);
    outcome_ = refusal_.outcome;
}

void PurgeLogReader::finish(net::Outcome outcome) {
    pending_ = false;
    outcome_ = outcome;
}

}  // namespace mcache::request
