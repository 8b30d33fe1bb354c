#include "status/site_facts.h"

#include <algorithm>
#include <utility>

#include "ngx/status_zone.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::status {

namespace {

constexpr std::size_t kHottest = 12;
constexpr std::uint64_t kStatsAge = 60;  // seconds for which memcached's own metrics are valid

metrics::ServerFacts gather_server(const net::Server& server) {
    metrics::ServerFacts facts;
    facts.name = server.name();
    facts.in_use = server.in_use();
    facts.lacks = server.health().lacks();
    const ngx::ServerRow* row = server.row();
    if (row == nullptr) {
        return facts;
    }
    const ngx::ServerSums sums = ngx::sum_server(*row);
    facts.sums = sums.cells;
    facts.latency = sums.latency;
    const auto now = static_cast<std::uint64_t>(ngx_time());
    if (const std::uint64_t at = row->says.at.load(); at != 0 && now <= at + kStatsAge) {
        facts.says.emplace();
        for (std::size_t i = 0; i < facts.says->cells.size(); ++i) {
            facts.says->cells[i] = row->says.values[i].get();
        }
    }
    return facts;
}

void gather_keys(const ngx::StatusRoot& root, metrics::Facts& out) {
    std::vector<HotKeys::Seen> seen;
    for (const ngx::WorkerFigures* each = root.workers.load(std::memory_order_acquire);
         each != nullptr; each = each->next) {
        each->hot_keys.read(ngx_time(), seen, out.noted_keys);
    }
    out.hot_keys = merge_hot_keys(std::move(seen), kHottest);
}

}  // namespace

bool gather_facts(const request::MainConf& conf, bool with_keys, metrics::Facts& out) {
    const ngx::StatusRoot* root = ngx::status_root();
    if (root == nullptr) {
        return false;
    }
    const auto* core =
        reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module));
    out.now = ngx_time();
    out.since = root->since;
    out.host = {reinterpret_cast<const char*>(ngx_cycle->hostname.data), ngx_cycle->hostname.len};
    out.nginx = NGINX_VERSION;
    out.workers = static_cast<std::uint64_t>(core->worker_processes);
    out.sums = ngx::sum_workers(*root);
    const auto reasons = ngx::sum_reasons(*root);
    std::copy_n(reasons.begin(), out.reasons.size(), out.reasons.begin());
    for (const auto& pool : conf.pools) {
        metrics::PoolFacts& facts = out.pools.emplace_back();
        facts.name = pool->name;
        const net::Client& client = pool->worker_client();
        for (const net::ServerIndex server : client.members()) {
            facts.servers.push_back(gather_server(client.server(server)));
        }
    }
    out.shows_keys = with_keys;
    if (with_keys) {
        gather_keys(*root, out);
    }
    out.history = root->history.read();
    return true;
}

History::Point make_point(const metrics::Facts& facts) {
    using metrics::Worker;
    using request::Status;
    using Column = History::Column;
    const auto requests = [&](Status status) {
        return facts.sums.of(Worker::Requests, request::cell_of(status));
    };
    History::Point point{};
    at(point, Column::Time) = static_cast<std::uint64_t>(facts.now);
    at(point, Column::Hits) = requests(Status::Hit);
    at(point, Column::Misses) = requests(Status::Miss);
    at(point, Column::Bypasses) = requests(Status::Bypass);
    at(point, Column::Stale) = requests(Status::Stale) + requests(Status::Updating);
    at(point, Column::Expired) = requests(Status::Expired) + requests(Status::Revalidated);
    at(point, Column::Down) = requests(Status::Down);
    at(point, Column::ServedBytes) = facts.sums.of(Worker::ServedBytes);
    at(point, Column::SparedBytes) = facts.sums.of(Worker::SparedBytes);
    for (const metrics::PoolFacts& pool : facts.pools) {
        for (const metrics::ServerFacts& server : pool.servers) {
            at(point, Column::Gets) += server.sums.of(metrics::Server::Gets);
            at(point, Column::Stores) += server.sums.of(metrics::Server::Stores);
            at(point, Column::Failures) += server.sums.of(metrics::Server::CommandFailures);
            at(point, Column::LatencyCount) += server.latency.count();
            at(point, Column::LatencyMicroseconds) += server.latency.microseconds;
        }
    }
    return point;
}

}  // namespace mcache::status
