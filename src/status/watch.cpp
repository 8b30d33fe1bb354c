#include "status/watch.h"

#include <algorithm>

#include "ngx/guard.h"
#include "ngx/status_zone.h"
#include "status/site_facts.h"

namespace mcache::status {

namespace {

const request::MainConf* watched = nullptr;
ngx_event_t timer;
ngx_connection_t nobody;  // nginx's debug log of timers reads its socket number

void tick(ngx_event_t* event) {
    if (ngx_exiting || ngx_terminate) {
        return;
    }
    ngx_add_timer(event, static_cast<ngx_msec_t>(History::kInterval * 1000));
    metrics::Facts facts;
    if (!gather_facts(*watched, false, facts)) {
        return;
    }
    ngx::status_root()->history.add(make_point(facts));
    for (const auto& pool : watched->pools) {
        pool->worker_client().ask_stats();
    }
}

}  // namespace

void begin_watch(const request::MainConf& conf) {
    const ngx::StatusRoot* root = ngx::status_root();
    if (root == nullptr || !conf.has_status || ngx_worker != 0) {
        return;
    }
    watched = &conf;
    nobody.fd = static_cast<ngx_socket_t>(-1);
    timer = ngx_event_t{};
    timer.handler = ngx::Guard<tick>::call;
    timer.log = ngx_cycle->log;
    timer.data = &nobody;
    timer.cancelable = 1;
    const std::int64_t next = static_cast<std::int64_t>(root->history.last()) + History::kInterval;
    const std::int64_t pause = std::clamp<std::int64_t>(next - ngx_time(), 0, History::kInterval);
    ngx_add_timer(&timer, static_cast<ngx_msec_t>(pause * 1000 + 1));
}

}  // namespace mcache::status
