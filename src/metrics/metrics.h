#pragma once

// The metrics, in one table per kind. A table defines the enum, the place in memory, the help text,
// the type, and the name in JSON and Prometheus.
//
// A process adds to its own cells in shared memory, with relaxed loads and stores and without
// locked instructions. Readers sum over the processes.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache::metrics {

enum class Type : std::uint8_t { Counter, Gauge };

// X(enumerator, type, name, label, the label's values with spaces between, help). Without a label a
// metric has one cell, with one it has a cell per value, in this order.
#define MCACHE_WORKER_METRICS(X)                                                                  \
    X(Requests, Counter, "requests", "status",                                                    \
      "aborted hit miss bypass expired stale updating revalidated down",                          \
      "Requests by $mcache_status; aborted: the client disconnected before it was known.")        \
    X(ServedBytes, Counter, "served_bytes", "", "",                                               \
      "Bytes of bodies sent to clients from the cache.")                                          \
    X(SparedBytes, Counter, "spared_bytes", "", "",                                               \
      "Bytes of bodies that the backend did not have to send, because they were cached.")         \
    X(Fills, Counter, "fills", "", "", "Responses fetched from the backend to be stored.")        \
    X(FillsInFlight, Gauge, "fills_in_flight", "", "",                                            \
      "Responses being fetched from the backend to be stored.")                                   \
    X(Refreshes, Counter, "background_refreshes", "", "",                                         \
      "Background fills, while a stale or early refreshed page was served.")                      \
    X(LockWaits, Counter, "lock_waits", "", "", "Waits of a request for another request's fill.") \
    X(LockTimeouts, Counter, "lock_timeouts", "", "",                                             \
      "Requests that waited for the whole mcache_lock_timeout.")                                  \
    X(Purges, Counter, "purges", "kind", "page prefix tag method",                                \
      "Purges by page, by key prefix, by tag, and by mcache_invalidate (method).")                \
    X(PurgeFailures, Counter, "purge_failures", "", "",                                           \
      "Purges that not every memcached acknowledged.")                                            \
    X(LargePages, Counter, "large_pages", "result", "sent broken",                                \
      "Bodies in parts that were sent completely, or broken off because a part was missing.")     \
    X(LocalPages, Counter, "local_pages", "result", "hit outdated missing",                       \
      "Lookups in the local tier: the page was current (hit), outdated, or missing.")             \
    X(LocalBytes, Gauge, "local_bytes", "", "", "Memory used by the workers' local tiers.")

// The same for each memcached server, with the labels pool and server before its own.
#define MCACHE_SERVER_METRICS(X)                                                                   \
    X(Gets, Counter, "gets", "result", "hit miss", "Gets that memcached answered.")                \
    X(Stores, Counter, "stores", "result", "stored declined refused failed dropped",               \
      "Stores: stored; declined because the item had changed; refused because of memory or size; " \
      "failed without a reply; dropped because the server is out of use, too much is pending or "  \
      "the value does not fit.")                                                                   \
    X(Looks, Counter, "looks", "result", "found missing",                                          \
      "Answered commands without a value: they check the purge log, a page of the local tier, or " \
      "the end of a fill.")                                                                        \
    X(OtherCommands, Counter, "other_commands", "", "",                                            \
      "Deletes, locks and counts that memcached answered.")                                        \
    X(CommandFailures, Counter, "command_failures", "cause", "down timeout garbage refused",       \
      "Failed commands: the connection broke (down), a timeout, an invalid reply (garbage), or "   \
      "an "                                                                                        \
      "error reply (refused; for stores see there).")                                              \
    X(NotAsked, Counter, "not_asked", "", "",                                                      \
      "Commands not sent because the server was out of use or its queue was full.")                \
    X(SentBytes, Counter, "sent_bytes", "", "", "Bytes sent to memcached.")                        \
    X(ReceivedBytes, Counter, "received_bytes", "", "", "Bytes received from memcached.")          \
    X(Connections, Gauge, "connections", "", "", "Open connections.")                              \
    X(Connects, Counter, "connects", "", "", "Connections opened.")                                \
    X(ConnectionFailures, Counter, "connection_failures", "", "",                                  \
      "Connections that broke with pending commands, or could not be opened.")

// A memcached's own metrics, from its reply to `stats`. The label is its name there.
#define MCACHE_SAID_METRICS(X)                                                                \
    X(Uptime, Gauge, "uptime_seconds", "uptime", "", "Seconds since memcached was started.")  \
    X(Memory, Gauge, "memory_bytes", "bytes", "", "Memory used by its items.")                \
    X(MemoryLimit, Gauge, "memory_limit_bytes", "limit_maxbytes", "", "Limit set by its -m.") \
    X(Items, Gauge, "items", "curr_items", "", "Items, including other applications'.")       \
    X(Evictions, Counter, "evictions", "evictions", "",                                       \
      "Items evicted before they expired, for lack of memory.")                               \
    X(Clients, Gauge, "client_connections", "curr_connections", "",                           \
      "Open connections of all its clients.")

#define MCACHE_ENUMERATOR(name, ...) name,
enum class Worker : std::uint8_t { MCACHE_WORKER_METRICS(MCACHE_ENUMERATOR) };
enum class Server : std::uint8_t { MCACHE_SERVER_METRICS(MCACHE_ENUMERATOR) };
enum class Said : std::uint8_t { MCACHE_SAID_METRICS(MCACHE_ENUMERATOR) };
#undef MCACHE_ENUMERATOR

struct Metric {
    Type type;
    std::string_view name;
    std::string_view label;   // empty: none
    std::string_view values;  // of the label
    std::string_view help;

    // Cells.
    constexpr std::size_t size() const {
        std::size_t n = 1;
        for (char c : values) {
            n += c == ' ' ? 1 : 0;
        }
        return n;
    }
    // The cell of a label's value; size(): it has none of this name.
    constexpr std::size_t cell(std::string_view which) const {
        std::size_t cell = 0;
        while (cell < size() && value(cell) != which) {
            ++cell;
        }
        return cell;
    }
    // The label's value of a cell.
    constexpr std::string_view value(std::size_t cell) const {
        std::string_view rest = values;
        for (; cell != 0; --cell) {
            rest.remove_prefix(rest.find(' ') + 1);
        }
        return rest.substr(0, rest.find(' '));
    }
};

#define MCACHE_ROW(name, type, ...) Metric{Type::type, __VA_ARGS__},
inline constexpr std::array kWorkerMetrics = {MCACHE_WORKER_METRICS(MCACHE_ROW)};
inline constexpr std::array kServerMetrics = {MCACHE_SERVER_METRICS(MCACHE_ROW)};
inline constexpr std::array kSaidMetrics = {MCACHE_SAID_METRICS(MCACHE_ROW)};
#undef MCACHE_ROW
#undef MCACHE_WORKER_METRICS
#undef MCACHE_SERVER_METRICS
#undef MCACHE_SAID_METRICS

constexpr const auto& table(Worker) {
    return kWorkerMetrics;
}
constexpr const auto& table(Server) {
    return kServerMetrics;
}
constexpr const auto& table(Said) {
    return kSaidMetrics;
}

// A value of a metric's label, by its name. One that the table does not have does not compile.
template <auto Which>
class Value {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): add<Purges>("tag")
    consteval Value(const char* name) : cell_(kMetric.cell(name)) {
        if (cell_ == kMetric.size()) {
            throw "the metric has no such value";
        }
    }
    constexpr std::size_t cell() const { return cell_; }

  private:
    static constexpr const Metric& kMetric = table(Which)[static_cast<std::size_t>(Which)];

    std::size_t cell_;
};

// The first cell of a metric; of one past the last: how many cells there are.
template <typename Kind>
constexpr std::size_t first_cell(Kind metric) {
    std::size_t cell = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(metric); ++i) {
        cell += table(Kind{})[i].size();
    }
    return cell;
}

template <typename Kind>
inline constexpr std::size_t kCells = first_cell(static_cast<Kind>(table(Kind{}).size()));

class Cell {
  public:
    void add(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

// The cells of one process.
template <typename Kind>
class Cells {
  public:
    template <Kind Which>
    void add(std::uint64_t n = 1, std::size_t value = 0) {
        constexpr std::size_t kFirst = first_cell(Which);
        cells_[kFirst + value].add(n);
    }
    template <Kind Which>
    void count(Value<Which> value) {
        add<Which>(1, value.cell());
    }
    // Gauges go down, too.
    template <Kind Which>
    void sub() {
        static_assert(table(Kind{})[static_cast<std::size_t>(Which)].type == Type::Gauge);
        constexpr std::size_t kCell = first_cell(Which);
        cells_[kCell].add(~std::uint64_t{0});
    }
    // Changes a gauge by the difference between two values of one quantity.
    template <Kind Which>
    void follow(std::uint64_t before, std::uint64_t now) {
        static_assert(table(Kind{})[static_cast<std::size_t>(Which)].type == Type::Gauge);
        constexpr std::size_t kCell = first_cell(Which);
        cells_[kCell].add(now - before);
    }
    // The process that owned the cells has ended, and another one starts.
    void reset_gauges() {
        for (std::size_t i = 0, cell = 0; i < table(Kind{}).size(); ++i) {
            for (std::size_t n = 0; n < table(Kind{})[i].size(); ++n, ++cell) {
                if (table(Kind{})[i].type == Type::Gauge) {
                    cells_[cell].set(0);
                }
            }
        }
    }

    std::array<std::uint64_t, kCells<Kind>>& add_to(
        std::array<std::uint64_t, kCells<Kind>>& sums) const {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += cells_[i].get();
        }
        return sums;
    }

  private:
    std::array<Cell, kCells<Kind>> cells_;
};

// Sums of cells, as read.
template <typename Kind>
struct Sums {
    std::array<std::uint64_t, kCells<Kind>> cells{};

    std::uint64_t of(Kind metric, std::size_t value) const {
        return cells[first_cell(metric) + value];
    }
    std::uint64_t of(Kind metric) const {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < table(Kind{})[static_cast<std::size_t>(metric)].size(); ++i) {
            sum += of(metric, i);
        }
        return sum;
    }
};

// Latency of memcached, in buckets.
inline constexpr std::array<std::uint32_t, 13> kLatencyBounds = {
    50, 100, 200, 500, 1000, 2000, 5000, 10000, 25000, 50000, 100000, 250000, 500000};  // us

class Histogram {
  public:
    void add(std::uint64_t microseconds) {
        std::size_t bucket = 0;
        while (bucket < kLatencyBounds.size() && microseconds > kLatencyBounds[bucket]) {
            ++bucket;
        }
        buckets_[bucket].add(1);
        sum_.add(microseconds);
    }

    struct Sums {
        std::array<std::uint64_t, kLatencyBounds.size() + 1> buckets{};  // the last: above all
        std::uint64_t microseconds = 0;
        std::uint64_t count() const {
            std::uint64_t sum = 0;
            for (std::uint64_t bucket : buckets) {
                sum += bucket;
            }
            return sum;
        }
    };
    void add_to(Sums& sums) const {
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            sums.buckets[i] += buckets_[i].get();
        }
        sums.microseconds += sum_.get();
    }

  private:
    std::array<Cell, kLatencyBounds.size() + 1> buckets_;
    Cell sum_;
};

}  // namespace mcache::metrics
