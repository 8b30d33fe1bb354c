#pragma once

// Wakes the node's other workers with requests waiting for a page when its fill ends. Each worker
// has an eventfd, and shared memory records which workers wait for which keys (by hash, so a worker
// may be woken unnecessarily). The master creates it before it forks, once per configuration.
// Wake-ups across a reload, or for workers past kMaxWorkers, are lost; the waiting room's polling
// then finds the page.

#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ngx/api.h"

namespace mcache::request {

class WorkerWakeup {
  public:
    static constexpr std::size_t kMaxWorkers = 64;
    static constexpr std::size_t kBuckets = 1024;
    using Buckets = std::bitset<kBuckets>;

    // In the master. Null if there is no shared memory or no descriptor; nginx then runs without
    // it.
    static WorkerWakeup* create(ngx_cycle_t* cycle);

    // In the worker: `on_wakeup` is called from the event loop after a wake-up, with the buckets of
    // the keys.
    void listen(ngx_cycle_t* cycle, void (*on_wakeup)(const Buckets&));

    static std::uint32_t bucket_of(std::string_view key);

    // A request in this worker waits for a key of this bucket.
    void wait(std::uint32_t bucket);
    // Whether requests in other workers do.
    bool awaited(std::uint32_t bucket) const;
    // Wakes them.
    void wake(std::uint32_t bucket);

  private:
    struct Board {
        std::atomic<std::uint64_t> waiting[kBuckets];  // one bit per worker
        std::atomic<std::uint64_t> pending[kBuckets];  // one bit per worker
    };

    WorkerWakeup() = default;

    static std::uint64_t own_bit();
    Buckets take_pending();
    static void destroy(void* wakeup);
    static void on_readable(ngx_event_t* event);

    Board* board_ = nullptr;
    std::size_t workers_ = 0;
    int descriptors_[kMaxWorkers] = {};
    void (*on_wakeup_)(const Buckets&) = nullptr;
};

}  // namespace mcache::request
