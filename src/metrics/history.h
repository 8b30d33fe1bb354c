#pragma once

// The counters of the last minutes, sampled every few seconds, in a ring of fixed size that can be
// in shared memory. One process writes, any process reads. It keeps sums, not differences: if a
// point is missing because the writer changes, the next step is just longer.

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mcache {

class History {
  public:
    static constexpr std::int64_t kInterval = 5;  // seconds
    static constexpr std::size_t kPoints = 120;

    enum class Column : std::uint8_t {
        Time,  // Unix time
        Hits,
        Misses,
        Bypasses,
        Stale,    // and updating
        Expired,  // and revalidated
        Down,
        ServedBytes,
        SparedBytes,
        Gets,
        Stores,
        Failures,  // commands without an answer
        LatencyCount,
        LatencyMicroseconds,
    };
    static constexpr std::array<std::string_view, 14> kNames = {
        "time",    "hit",      "miss",          "bypass",       "stale",
        "expired", "down",     "served_bytes",  "spared_bytes", "gets",
        "stores",  "failures", "latency_count", "latency_us"};
    using Point = std::array<std::uint64_t, kNames.size()>;

    void add(const Point& point) {
        const std::uint64_t written = written_.load(std::memory_order_relaxed);
        Slot& slot = slots_[written % kPoints];
        for (std::size_t i = 0; i < point.size(); ++i) {
            slot[i].store(point[i], std::memory_order_relaxed);
        }
        written_.store(written + 1, std::memory_order_release);
    }

    // Time of the last point; 0: none.
    std::uint64_t last() const {
        const std::uint64_t written = written_.load(std::memory_order_acquire);
        return written == 0 ? 0 : slots_[(written - 1) % kPoints][0].load();
    }

    // Oldest first, without the point that may be being written.
    std::vector<Point> read() const {
        const std::uint64_t written = written_.load(std::memory_order_acquire);
        std::vector<Point> points;
        for (std::uint64_t i = written < kPoints ? 0 : written - kPoints + 1; i < written; ++i) {
            Point& point = points.emplace_back();
            for (std::size_t column = 0; column < point.size(); ++column) {
                point[column] = slots_[i % kPoints][column].load(std::memory_order_relaxed);
            }
        }
        return points;
    }

  private:
    using Slot = std::array<std::atomic<std::uint64_t>, kNames.size()>;

    std::atomic<std::uint64_t> written_{0};
    std::array<Slot, kPoints> slots_{};
};

constexpr std::uint64_t& at(History::Point& point, History::Column column) {
    return point[static_cast<std::size_t>(column)];
}

}  // namespace mcache
