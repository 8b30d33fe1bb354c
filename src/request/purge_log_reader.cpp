#include "request/purge_log_reader.h"

#include <sys/time.h>

#include <algorithm>
#include <string>

#include "request/await.h"
#include "request/context.h"

namespace mcache::request {

namespace {

// The log may be deleted as soon as it is made, but hardly again and again.
constexpr int kMaxMade = 3;

std::uint64_t new_epoch() {
    struct timeval now {};
    ngx_gettimeofday(&now);
    const auto microseconds =
        static_cast<std::uint64_t>(now.tv_sec) * 1000000 + static_cast<std::uint64_t>(now.tv_usec);
    return entry::make_purge_epoch(microseconds, static_cast<std::uint64_t>(ngx_random()));
}

// False when there is no memory.
bool put_text(net::StoreCommand& command, std::string_view text) {
    BufferRef buffer = BufferRef::allocate(text.size());
    if (!buffer) {
        return false;
    }
    std::copy(text.begin(), text.end(), buffer->data());
    command.parts.push_back({std::move(buffer), 0, text.size()});
    return true;
}

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
    pending_ = client().peek(server_, site_->key.view(), *this, refusal_);
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
    advance(answer);
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
                return finish(net::Outcome::Found);
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
    pending_ = client().get_from(server_, site().key.view(), *this, refusal_);
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
        if (put_text(command, entry::compacted_purge_log(text))) {
            client().store(server_, known.key.view(), std::move(command));
        }
    }
    finish(net::Outcome::Found);
}

void PurgeLogReader::make(std::optional<std::uint64_t> cas) {
    const std::uint64_t epoch = new_epoch();
    net::StoreCommand command;
    command.mode = cas ? memcached::SetMode::Set : memcached::SetMode::Add;
    command.cas = cas;
    command.flags = entry::purge_log_flags(epoch);
    if (++made_ > kMaxMade || !put_text(command, entry::fresh_purge_log(epoch))) {
        return finish(net::Outcome::Missing);
    }
    step_ = Step::Make;
    pending_ = client().store(server_, site().key.view(), std::move(command), *this, refusal_);
    outcome_ = refusal_.outcome;
}

void PurgeLogReader::finish(net::Outcome outcome) {
    pending_ = false;
    outcome_ = outcome;
}

AwaitPurgeLog::AwaitPurgeLog(Context& context, net::ServerIndex server)
    : PurgeLogReader(*context.conf().pool, context.site(), server), context_(context) {}

void AwaitPurgeLog::finished() {
    if (journey_) {
        step(context_, journey_);
    }
}

}  // namespace mcache::request
