#pragma once

// All data of the status page, its JSON and the Prometheus metrics, read once.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/lacks.h"
#include "http/reason.h"
#include "metrics/history.h"
#include "metrics/hot_keys.h"
#include "metrics/metrics.h"

namespace mcache::metrics {

struct ServerFacts {
    std::string_view name;  // host:port or unix:/path
    bool in_use = false;
    Lacks lacks = 0;
    metrics::Sums<metrics::Server> sums;
    metrics::Histogram::Sums latency;
    std::optional<metrics::Sums<metrics::Said>> says;  // empty: no recent reply to `stats`
};

struct PoolFacts {
    std::string_view name;
    std::vector<ServerFacts> servers;
};

struct Facts {
    std::int64_t now = 0;    // Unix time
    std::int64_t since = 0;  // when counting began
    std::string_view host;   // the machine's name
    std::string_view nginx;  // its version
    std::uint64_t workers = 0;
    metrics::Sums<metrics::Worker> sums;
    std::array<std::uint64_t, static_cast<std::size_t>(http::kLastReason) + 1> reasons{};
    std::vector<PoolFacts> pools;

    bool shows_keys = false;
    std::vector<HotKeys::Seen> hot_keys;  // hottest first
    std::uint64_t noted_keys = 0;         // the total that their counts refer to

    std::vector<History::Point> history;  // oldest first
};

std::string_view stage_name(http::Stage stage);

// The metrics of /what this page shows/ that are made by hand, in the same form as the tables.
inline constexpr std::string_view kReasonsHelp =
    "Requests by final $mcache_reason: why they were not looked up, not a fresh hit, or not "
    "stored.";

}  // namespace mcache::metrics
