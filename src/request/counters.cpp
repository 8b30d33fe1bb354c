#include "request/counters.h"

#include <algorithm>

#include "request/context.h"

namespace mcache::request {

namespace {

using metrics::Worker;

static_assert(static_cast<std::size_t>(http::kLastReason) < ngx::kMaxReasons);

bool watches_keys = false;

std::uint64_t body_bytes_sent(const ngx_http_request_t* r) {
    const off_t sent = r->connection->sent - static_cast<off_t>(r->header_size);
    return static_cast<std::uint64_t>(std::max<off_t>(sent, 0));
}

// One request a millisecond: each counts while there are few, and many cost no more.
void note_key(const Context& context) {
    static ngx_msec_t noted_at = 0;
    if (noted_at != ngx_current_msec && !context.full_key.empty()) {
        noted_at = ngx_current_msec;
        ngx::own_figures->hot_keys.note(context.full_key, ngx_time());
    }
}

}  // namespace

void watch_keys(bool on) {
    watches_keys = on;
}

void tally_request(const Context& context) {
    const ngx_http_request_t* r = context.request();
    if (context.superseded || context.purge != nullptr) {
        return;
    }
    ngx::WorkerFigures& figures = *ngx::own_figures;
    if (context.reason != http::Reason::None) {
        figures.reasons[static_cast<std::size_t>(context.reason)].add(1);
    }
    if (r->background) {
        return;
    }
    figures.cells.add<Worker::Requests>(1, cell_of(context.status));
    if (context.state() == State::Hit || context.state() == State::StandingIn) {
        figures.cells.add<Worker::SparedBytes>(context.page_size);
        figures.cells.add<Worker::ServedBytes>(r == r->main ? body_bytes_sent(r)
                                                            : context.page_size);
    }
    if (watches_keys) {
        note_key(context);
    }
}

}  // namespace mcache::request
