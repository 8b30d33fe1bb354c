#include "pool/worker_wakeup.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>

#include "base/keyed_hash.h"
#include "ngx/guard.h"
#include "ngx/shared_memory.h"

namespace mcache::request {

std::uint32_t WorkerWakeup::bucket_of(std::string_view key) {
    return static_cast<std::uint32_t>(keyed_hash(key) % kBuckets);
}

std::uint64_t WorkerWakeup::own_bit() {
    return ngx_worker < kMaxWorkers ? std::uint64_t{1} << ngx_worker : 0;
}

WorkerWakeup* WorkerWakeup::create(ngx_cycle_t* cycle) {
    const auto* core =
        reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(cycle->conf_ctx, ngx_core_module));
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cycle->pool, sizeof(WorkerWakeup));
    if (cleanup == nullptr) {
        return nullptr;
    }
    auto* wakeup = new (cleanup->data) WorkerWakeup;
    wakeup->board_ = ngx::share<Board>(cycle, 1);
    if (wakeup->board_ == nullptr) {
        return nullptr;
    }
    cleanup->handler = ngx::Guard<destroy>::call;
    const auto workers = static_cast<std::size_t>(std::max<ngx_int_t>(core->worker_processes, 1));
    while (wakeup->workers_ < std::min(workers, kMaxWorkers)) {
        const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (descriptor == -1) {
            ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                          "mcache: eventfd() failed; workers will not wake each other");
            break;
        }
        wakeup->descriptors_[wakeup->workers_++] = descriptor;
    }
    return wakeup;
}

void WorkerWakeup::destroy(void* data) {
    auto* wakeup = static_cast<WorkerWakeup*>(data);
    for (std::size_t i = 0; i < wakeup->workers_; ++i) {
        ::close(wakeup->descriptors_[i]);
    }
}

void WorkerWakeup::listen(ngx_cycle_t* cycle, void (*on_wakeup)(const Buckets&)) {
    if (ngx_worker >= workers_) {
        return;
    }
    ngx_connection_t* c = ngx_get_connection(descriptors_[ngx_worker], cycle->log);
    if (c == nullptr) {
        return;
    }
    on_wakeup_ = on_wakeup;
    c->data = this;
    c->read->handler = ngx::Guard<on_readable>::call;
    c->read->log = cycle->log;
    c->read->channel = 1;  // stays open until the worker ends, and nginx does not mind
    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT) != NGX_OK) {
        ngx_free_connection(c);
    }
}

void WorkerWakeup::on_readable(ngx_event_t* event) {
    const auto* c = static_cast<ngx_connection_t*>(event->data);
    std::uint64_t times = 0;
    (void)!::read(c->fd, &times, sizeof(times));  // re-arms the eventfd
    auto& wakeup = *static_cast<WorkerWakeup*>(c->data);
    wakeup.on_wakeup_(wakeup.take_pending());
}

void WorkerWakeup::wait(std::uint32_t bucket) {
    std::atomic<std::uint64_t>& waiting = board_->waiting[bucket];
    if ((waiting.load() & own_bit()) == 0) {
        waiting.fetch_or(own_bit());
    }
}

bool WorkerWakeup::awaited(std::uint32_t bucket) const {
    return (board_->waiting[bucket].load() & ~own_bit()) != 0;
}

// A woken worker that still waits must register again.
void WorkerWakeup::wake(std::uint32_t bucket) {
    std::uint64_t others = board_->waiting[bucket].fetch_and(own_bit()) & ~own_bit();
    board_->pending[bucket].fetch_or(others);
    for (; others != 0; others &= others - 1) {
        const auto worker = static_cast<std::size_t>(std::countr_zero(others));
        if (worker < workers_) {
            constexpr std::uint64_t kOnce = 1;
            (void)!::write(descriptors_[worker], &kOnce,
                           sizeof(kOnce));  // full: it is awake anyway
        }
    }
}

WorkerWakeup::Buckets WorkerWakeup::take_pending() {
    Buckets pending;
    const std::uint64_t bit = own_bit();
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        pending[bucket] = (board_->pending[bucket].load() & bit) != 0 &&
                          (board_->pending[bucket].fetch_and(~bit) & bit) != 0;
    }
    return pending;
}

}  // namespace mcache::request
