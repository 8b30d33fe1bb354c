#include "pool/membership.h"

#include <string>
#include <utility>

#include "memcached/placement/most_servers.h"
#include "ngx/clock.h"
#include "pool/pool.h"
#include "pool/purge_log_reader.h"

namespace mcache::request {

// Runs without a request. It has its own copy of the site's name, since the sites may be dropped.
class Membership::LogRenewal {
  public:
    LogRenewal(Pool& pool, std::string site, net::ServerIndex server)
        : site_(std::move(site)), reader_(pool, site_, server) {}
    bool done() const { return !reader_.pending(); }

  private:
    const std::string site_;
    UnawaitedPurgeLog reader_;
};

Membership::Membership(Pool& pool) : pool_(pool) {
    const net::PoolOptions& options = pool.worker_client().options();
    for (std::size_t line = 0; line < options.servers.size(); ++line) {
        if (options.servers[line].resolve) {
            names_.push_back(std::make_unique<net::NameWatch>(options, line, *this));
        }
    }
}

Membership::~Membership() = default;

void Membership::note_purge(std::string_view site) {
    purged_at_ = ngx::microseconds_now();
    (void)pool_.purge_logs().site(site, pool_.worker_client().server_count());
}

void Membership::resolved(std::size_t line, const std::vector<memcached::Address>& addresses,
                          bool at_start) {
    net::Client& client = pool_.worker_client();
    const bool first = at_start && !client.has_addresses(line);
    const memcached::Roster::Change change =
        client.replace(line, addresses, first ? purged_at_ : ngx::microseconds_now());
    left_out_.resize(client.options().servers.size());
    if (std::exchange(left_out_[line], change.refused) < change.refused) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "mcache: %uz addresses of \"%s\" are not used by pool \"%s\": it has used "
                      "%uz addresses, the maximum until nginx is reloaded",
                      change.refused, client.options().servers[line].written.c_str(),
                      pool_.name.c_str(), net::KnownAddresses::kMost);
    }
    if (change.empty()) {
        return;
    }
    if (const std::size_t servers = client.members().size(); servers > memcached::kMostServers) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "mcache: pool \"%s\" has %uz servers, but libmemcached places keys only on "
                      "the first %uz",
                      pool_.name.c_str(), servers, memcached::kMostServers);
    }
    pool_.purge_logs().make_room(client.server_count());
    say(line, change);
    renew_logs(change.came);
}

void Membership::say(std::size_t line, const memcached::Roster::Change& change) const {
    const net::Client& client = pool_.worker_client();
    std::string text;
    const auto add = [&](const std::vector<net::ServerIndex>& servers, const char* what) {
        for (const net::ServerIndex server : servers) {
            text += (text.empty() ? "" : ", ") + client.server(server).name() + what;
        }
    };
    add(change.came, " came");
    add(change.went, " left");
    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "mcache: \"%s\" of pool \"%s\": %s",
                  client.options().servers[line].written.c_str(), pool_.name.c_str(), text.c_str());
}

void Membership::renew_logs(const std::vector<net::ServerIndex>& came) {
    std::erase_if(renewals_, [](const auto& renewal) { return renewal->done(); });
    for (const net::ServerIndex server : came) {
        if (pool_.worker_client().server(server).since() == 0) {
            continue;
        }
        for (const std::string& site : pool_.purge_logs().known_sites()) {
            renewals_.push_back(std::make_unique<LogRenewal>(pool_, site, server));
        }
    }
}

}  // namespace mcache::request
