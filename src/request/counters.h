#pragma once

// What requests add to the figures of their worker.

#include "ngx/status_zone.h"

namespace mcache::request {

class Context;

template <metrics::Worker Which>
void tally() {
    ngx::own_figures->cells.add<Which>();
}
template <metrics::Worker Which>
void tally(metrics::Value<Which> value) {
    ngx::own_figures->cells.count<Which>(value);
}

// The request goes away: what it was answered with, and why not from the cache.
void tally_request(const Context& context);

inline void tally_fill_began() {
    tally<metrics::Worker::Fills>();
    tally<metrics::Worker::FillsInFlight>();
}
inline void tally_fill_ended() {
    ngx::own_figures->cells.sub<metrics::Worker::FillsInFlight>();
}

// Whether the hottest keys are looked for; set in the worker.
void watch_keys(bool on);

}  // namespace mcache::request
