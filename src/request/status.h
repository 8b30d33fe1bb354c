#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/metrics.h"

namespace mcache::request {

// As $upstream_cache_status, and Down where no server could answer.
enum class Status : std::uint8_t {
    Undecided,
    Hit,
    Miss,
    Bypass,
    Expired,
    Stale,
    Updating,
    Revalidated,
    Down,
};

struct StatusWords {
    Status status;
    std::string_view shown;    // $mcache_status
    std::string_view counted;  // the label of metrics::Worker::Requests
};

inline constexpr std::array kStatusWords = {
    StatusWords{Status::Undecided, "", "aborted"},
    StatusWords{Status::Hit, "HIT", "hit"},
    StatusWords{Status::Miss, "MISS", "miss"},
    StatusWords{Status::Bypass, "BYPASS", "bypass"},
    StatusWords{Status::Expired, "EXPIRED", "expired"},
    StatusWords{Status::Stale, "STALE", "stale"},
    StatusWords{Status::Updating, "UPDATING", "updating"},
    StatusWords{Status::Revalidated, "REVALIDATED", "revalidated"},
    StatusWords{Status::Down, "DOWN", "down"},
};

constexpr std::string_view status_text(Status status) {
    return kStatusWords[static_cast<std::size_t>(status)].shown;
}

// The value of metrics::Worker::Requests.
constexpr std::size_t cell_of(Status status) {
    return static_cast<std::size_t>(status);
}

// Both tables are in the order of the enum.
static_assert([] {
    constexpr const metrics::Metric& kRequests =
        metrics::kWorkerMetrics[static_cast<std::size_t>(metrics::Worker::Requests)];
    std::size_t i = 0;
    for (const StatusWords& words : kStatusWords) {
        if (cell_of(words.status) != i || kRequests.value(i) != words.counted) {
            return false;
        }
        ++i;
    }
    return i == kRequests.size() && i == cell_of(Status::Down) + 1;
}());

}  // namespace mcache::request
