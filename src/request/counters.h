#pragma once

// What requests add to the figures of their worker.

#include "ngx/status_zone.h"

namespace mcache::request {

class Context;

template <metrics::Worker Which>
void tally(std::size_t value = 0) {
    ngx::own_figures->cells.add<Which>(1, value);
}

// Values of metrics::Worker::Purges, the first three in the order of PurgeTarget::What.
inline constexpr std::size_t kPurgedByMethod = 3;

// Values of metrics::Worker::LargePages.
inline constexpr std::size_t kLargeSent = 0;
inline constexpr std::size_t kLargeBroken = 1;

// Values of metrics::Worker::LocalPages.
inline constexpr std::size_t kLocalHit = 0;
inline constexpr std::size_t kLocalOutdated = 1;
inline constexpr std::size_t kLocalMissing = 2;

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
