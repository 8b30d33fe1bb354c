#pragma once

// The shared memory zone that the figures lie in. It is a zone of nginx's, found again by the next
// configuration, so that a reload loses nothing; a restart begins anew. Each worker has a block of
// its own for itself and one for each memcached server, in lists that only grow: who reads sums
// over them. Workers find their blocks by nginx's slot of their process, which no two living
// processes share; the next process in the slot goes on with them.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/history.h"
#include "metrics/hot_keys.h"
#include "metrics/metrics.h"
#include "ngx/api.h"

namespace mcache::ngx {

inline constexpr std::size_t kMaxReasons = 64;

struct alignas(64) WorkerFigures {
    WorkerFigures* next = nullptr;
    ngx_int_t process_slot = -1;
    ngx_pid_t pid = 0;
    metrics::Cells<metrics::Worker> cells;
    std::array<metrics::Cell, kMaxReasons> reasons;
    HotKeys hot_keys;
};

struct alignas(64) ServerFigures {
    ServerFigures* next = nullptr;
    ngx_int_t process_slot = -1;
    ngx_pid_t pid = 0;
    metrics::Cells<metrics::Server> cells;
    metrics::Histogram latency;
};

// What a memcached says of itself, and when it did. All written by one worker.
struct ServerSays {
    std::atomic<std::uint64_t> at{0};  // Unix time; 0: never
    std::array<metrics::Cell, metrics::kCells<metrics::Said>> values;
};

// A server of a pool, as all workers see it.
struct ServerRow {
    ServerRow* next = nullptr;
    std::atomic<ServerFigures*> figures{nullptr};
    ServerSays says;
    std::uint16_t pool_size = 0;
    std::uint16_t name_size = 0;
    char text[1];  // the pool's name and the server's, as long as they are

    std::string_view pool() const { return {text, pool_size}; }
    std::string_view name() const { return {text + pool_size, name_size}; }
};

struct StatusRoot {
    std::int64_t since = 0;  // Unix time
    std::atomic<WorkerFigures*> workers{nullptr};
    std::atomic<ServerRow*> servers{nullptr};
    History history;
};

// ---- writing ----------------------------------------------------------------------------------

// This process's own; without a zone what is counted goes nowhere.
inline constinit WorkerFigures nobodys_figures;
inline constinit WorkerFigures* own_figures = &nobodys_figures;

// While the configuration is read. Null when there is no memory.
ngx_shm_zone_t* add_status_zone(ngx_conf_t* cf);
// In the worker, before anything is counted. Null: there is no zone.
void open_status_zone(ngx_shm_zone_t* zone);

// The worker ends: what it has open goes with it.
void close_status_zone();

struct ServerPlace {
    ServerRow* row = nullptr;  // null: there is no zone, or no room in it
    ServerFigures* figures;    // never null
};
// The place of a server of a pool, made where there is none.
ServerPlace find_server_figures(std::string_view pool, std::string_view server);

// ---- reading ----------------------------------------------------------------------------------

// Null: there is none.
StatusRoot* status_root();

metrics::Sums<metrics::Worker> sum_workers(const StatusRoot& root);
std::array<std::uint64_t, kMaxReasons> sum_reasons(const StatusRoot& root);
struct ServerSums {
    metrics::Sums<metrics::Server> cells;
    metrics::Histogram::Sums latency;
};
ServerSums sum_server(const ServerRow& row);

}  // namespace mcache::ngx
