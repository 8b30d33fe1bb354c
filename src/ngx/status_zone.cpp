#include "ngx/status_zone.h"

#include <cstring>
#include <new>
#include <utility>

#include "ngx/guard.h"
#include "ngx/text.h"

namespace mcache::ngx {

namespace {

// For hundreds of workers with tens of servers each; what is not used is not backed by memory.
constexpr std::size_t kZoneSize = 16 * 1024 * 1024;

ngx_slab_pool_t* slabs = nullptr;
StatusRoot* root = nullptr;

constinit ServerFigures nobodys_server;

class Locked {
  public:
    explicit Locked(ngx_slab_pool_t* pool) : pool_(pool) { ngx_shmtx_lock(&pool_->mutex); }
    ~Locked() { ngx_shmtx_unlock(&pool_->mutex); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

  private:
    ngx_slab_pool_t* pool_;
};

void say_full() {
    static bool said = false;
    if (!std::exchange(said, true)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "mcache: the memory of mcache_status is full; new servers are not counted");
    }
}

// The block of this process's slot in a list, or a new one; null when there is no room.
template <typename Figures>
Figures* find_or_add(std::atomic<Figures*>& list) {
    Locked locked(slabs);
    for (Figures* each = list.load(); each != nullptr; each = each->next) {
        if (each->process_slot == ngx_process_slot) {
            if (std::exchange(each->pid, ngx_pid) != ngx_pid) {
                each->cells.reset_gauges();
            }
            return each;
        }
    }
    void* memory = ngx_slab_calloc_locked(slabs, sizeof(Figures));
    if (memory == nullptr) {
        say_full();
        return nullptr;
    }
    auto* figures = new (memory) Figures;
    figures->process_slot = ngx_process_slot;
    figures->pid = ngx_pid;
    figures->next = list.load();
    list.store(figures, std::memory_order_release);
    return figures;
}

ServerRow* find_row(std::string_view pool, std::string_view server) {
    for (ServerRow* row = root->servers.load(std::memory_order_acquire); row != nullptr;
         row = row->next) {
        if (row->pool() == pool && row->name() == server) {
            return row;
        }
    }
    return nullptr;
}

ServerRow* find_or_add_row(std::string_view pool, std::string_view server) {
    Locked locked(slabs);
    if (ServerRow* row = find_row(pool, server)) {
        return row;
    }
    void* memory = ngx_slab_calloc_locked(slabs, sizeof(ServerRow) + pool.size() + server.size());
    if (memory == nullptr) {
        say_full();
        return nullptr;
    }
    auto* row = new (memory) ServerRow;
    row->pool_size = static_cast<std::uint16_t>(pool.size());
    row->name_size = static_cast<std::uint16_t>(server.size());
    pool.copy(row->text, pool.size());
    server.copy(row->text + pool.size(), server.size());
    row->next = root->servers.load();
    root->servers.store(row, std::memory_order_release);
    return row;
}

// `old` is the zone of the configuration before, of the same size and of this very module.
ngx_int_t init_zone(ngx_shm_zone_t* zone, void* old) {
    if (old != nullptr) {
        zone->data = old;
        return NGX_OK;
    }
    auto* pool = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    if (zone->shm.exists) {
        zone->data = pool->data;
        return NGX_OK;
    }
    pool->log_nomem = 0;
    void* memory = ngx_slab_calloc(pool, sizeof(StatusRoot));
    if (memory == nullptr) {
        return NGX_ERROR;
    }
    auto* made = new (memory) StatusRoot;
    made->since = ngx_time();
    zone->data = pool->data = made;
    return NGX_OK;
}

}  // namespace

ngx_shm_zone_t* add_status_zone(ngx_conf_t* cf) {
    ngx_str_t name = str("mcache:status");
    ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, &name, kZoneSize, &ngx_http_mcache_module);
    if (zone != nullptr) {
        zone->init = Guard<init_zone, NGX_ERROR>::call;
    }
    return zone;
}

void open_status_zone(ngx_shm_zone_t* zone) {
    own_figures = &nobodys_figures;
    root = nullptr;
    if (zone == nullptr) {
        return;
    }
    slabs = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    root = static_cast<StatusRoot*>(zone->data);
    if (WorkerFigures* figures = find_or_add(root->workers)) {
        own_figures = figures;
    }
}

void close_status_zone() {
    own_figures->cells.reset_gauges();
}

ServerPlace find_server_figures(std::string_view pool, std::string_view server) {
    ServerPlace place;
    place.figures = &nobodys_server;
    place.row = root == nullptr ? nullptr : find_or_add_row(pool, server);
    if (place.row != nullptr) {
        if (ServerFigures* figures = find_or_add(place.row->figures)) {
            place.figures = figures;
        }
    }
    return place;
}

StatusRoot* status_root() {
    return root;
}

metrics::Sums<metrics::Worker> sum_workers(const StatusRoot& from) {
    metrics::Sums<metrics::Worker> sums;
    for (const WorkerFigures* each = from.workers.load(std::memory_order_acquire); each != nullptr;
         each = each->next) {
        each->cells.add_to(sums.cells);
    }
    return sums;
}

std::array<std::uint64_t, kMaxReasons> sum_reasons(const StatusRoot& from) {
    std::array<std::uint64_t, kMaxReasons> sums{};
    for (const WorkerFigures* each = from.workers.load(std::memory_order_acquire); each != nullptr;
         each = each->next) {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += each->reasons[i].get();
        }
    }
    return sums;
}

ServerSums sum_server(const ServerRow& row) {
    ServerSums sums;
    for (const ServerFigures* each = row.figures.load(std::memory_order_acquire); each != nullptr;
         each = each->next) {
        each->cells.add_to(sums.cells.cells);
        each->latency.add_to(sums.latency);
    }
    return sums;
}

}  // namespace mcache::ngx
