#pragma once

// How a worker that ended a fill wakes the other workers of its node who have requests waiting for
// the page: an eventfd a worker, and a board in shared memory that says which workers wait for
// which keys (by hash, so that now and then one is woken in vain). Made in the master before it
// forks, anew for each configuration; what is rung across a reload, or for a worker past
// kMaxWorkers, is not heard, and the waiting room's own looks find the page.

#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ngx/api.h"

namespace mcache::request {

class NodeBell {
  public:
    static constexpr std::size_t kMaxWorkers = 64;
    static constexpr std::size_t kBuckets = 1024;
    using Buckets = std::bitset<kBuckets>;

    // In the master. Null when there is no shared memory or no descriptor; nginx runs without then.
    static NodeBell* create(ngx_cycle_t* cycle);

    // In the worker: `heard` is called from the event loop when others have rung, with for which
    // keys.
    void listen(ngx_cycle_t* cycle, void (*heard)(const Buckets&));

    static std::uint32_t bucket_of(std::string_view key);

    // Somebody in this worker waits for a key of this bucket.
    void wait(std::uint32_t bucket);
    // Whether other workers do.
    bool awaited(std::uint32_t bucket) const;
    // Wakes them.
    void ring(std::uint32_t bucket);

  private:
    struct Board {
        std::atomic<std::uint64_t> waiting[kBuckets];  // a bit a worker
        std::atomic<std::uint64_t> rung[kBuckets];     // a bit a worker
    };

    NodeBell() = default;

    static std::uint64_t own_bit();
    Buckets take_rung();
    static void destroy(void* bell);
    static void on_readable(ngx_event_t* event);

    Board* board_ = nullptr;
    std::size_t workers_ = 0;
    int descriptors_[kMaxWorkers] = {};
    void (*heard_)(const Buckets&) = nullptr;
};

}  // namespace mcache::request
