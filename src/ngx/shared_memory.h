#pragma once

// Memory that all workers of a node share. Made in the master before it forks, anew for each
// configuration, and freed with the cycle.

#include <cstddef>
#include <new>
#include <type_traits>

#include "ngx/api.h"
#include "ngx/text.h"

namespace mcache::ngx {

inline void free_shared(void* memory) {
    ngx_shm_free(static_cast<ngx_shm_t*>(memory));
}

// `count` objects, as their default constructor leaves them; null when there is no memory. Nothing
// destroys them, and no pointer of theirs may lead to memory of one process.
template <typename T>
T* share(ngx_cycle_t* cycle, std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cycle->pool, sizeof(ngx_shm_t));
    if (cleanup == nullptr) {
        return nullptr;
    }
    auto* memory = new (cleanup->data) ngx_shm_t{};
    memory->size = sizeof(T) * count;
    memory->name = str("mcache");
    memory->log = cycle->log;
    if (ngx_shm_alloc(memory) != NGX_OK) {
        return nullptr;
    }
    cleanup->handler = free_shared;
    auto* objects = reinterpret_cast<T*>(memory->addr);
    for (std::size_t i = 0; i < count; ++i) {
        new (objects + i) T{};
    }
    return objects;
}

}  // namespace mcache::ngx
