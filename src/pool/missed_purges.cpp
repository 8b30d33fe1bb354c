#include "pool/missed_purges.h"

#include <algorithm>
#include <new>

#include "pool/pool.h"
#include "pool/purge_logs.h"

namespace mcache::request {

LostServers::LostServers(Pool& pool, std::string_view site,
                         const std::vector<net::ServerIndex>& lost)
    : pool_(pool), site_(site) {
    net::Client& client = pool.worker_client();
    const std::size_t servers = client.server_count();
    if (!format::make_purge_log_key(site, key_)) {
        return;
    }
    for (const net::ServerIndex server : lost) {
        const std::uint64_t known =
            pool.purge_logs().site(site, servers).copies[server].log.end().epoch;
        const std::uint64_t until = std::max(purge_epoch_of_now(), known);
        if (!format::append_lost(lines_, client.server(server).name(),
                                 std::min(until, format::kLastEpoch))) {
            return;
        }
    }
    for (net::ServerIndex server = 0; server < servers; ++server) {
        if (std::find(lost.begin(), lost.end(), server) == lost.end()) {
            Log& log = logs_.emplace_back();
            log.all = this;
            log.server = server;
            under_way_ += send(log) ? 1 : 0;
        }
    }
}

bool LostServers::holds() const {
    const std::size_t without = pool_.worker_client().server_count() - written_;
    return written_ != 0 && without <= kWitnesses;
}

// False when the server cannot be asked.
bool LostServers::send(Log& log) {
    net::Client& client = pool_.worker_client();
    net::Result refusal;
    net::StoreCommand command;
    switch (log.step) {
        case Log::Step::Append:
        case Log::Step::AppendAgain:
            command.mode = memcached::SetMode::Append;
            if (!put_text(command, lines_)) {
                return false;
            }
            break;
        case Log::Step::Add:
        case Log::Step::AddAgain: {
            std::string lines;
            pool_.purge_logs()
                .site(site_, client.server_count())
                .copies[log.server]
                .log.append_lost_beyond({}, lines);
            if (!make_purge_log(0, lines + lines_, command)) {
                return false;
            }
            command.mode = memcached::SetMode::Add;
            break;
        }
        case Log::Step::Remove:
            return client.remove(log.server, key_.view(), {}, log, refusal);
        case Log::Step::GaveUp:
            return false;
    }
    return client.store(log.server, key_.view(), std::move(command), log, refusal);
}

void LostServers::answered(Log& log, const net::Result& result) {
    const bool done = result.outcome == net::Outcome::Found && log.step != Log::Step::Remove;
    const bool declined = result.outcome == net::Outcome::Missing || log.step == Log::Step::Remove;
    written_ += done ? 1 : 0;
    if (!done && declined) {
        log.step = static_cast<Log::Step>(static_cast<std::uint8_t>(log.step) + 1);
        try {
            if (send(log)) {
                return;
            }
        } catch (const std::bad_alloc&) {
            // It is not recorded there, and the purge is told so.
        }
    }
    if (--under_way_ == 0) {
        finished();
    }
}

}  // namespace mcache::request
