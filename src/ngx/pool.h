#pragma once

// C++ objects in nginx pools. ngx_palloc constructs nothing and ngx_destroy_pool destroys nothing:
// pool_new does the first and registers the second.

#include <new>
#include <type_traits>
#include <utility>

#include "base/recycler.h"
#include "ngx/api.h"

namespace mcache::ngx {

template <typename T>
void pool_destroy(void* object) {
    static_cast<T*>(object)->~T();
}

// A pool aligns to a word: on 32-bit machines that is less than what a 64-bit integer may want.
template <typename T>
inline constexpr std::size_t kAlignmentGap = alignof(T) > NGX_ALIGNMENT ? alignof(T) - NGX_ALIGNMENT
                                                                        : 0;

// Where in memory of kAlignmentGap<T> more bytes than it needs a T begins; null for null.
template <typename T>
void* aligned(void* memory) {
    const std::uintptr_t past = reinterpret_cast<std::uintptr_t>(memory) % alignof(T);
    return static_cast<char*>(memory) + (past == 0 ? 0 : alignof(T) - past);
}

// A T that lives as long as the pool; null when there is no memory. The cleanup is reserved before
// the object is constructed and armed after, so that a throwing constructor leaves nothing behind.
template <typename T, typename... Args>
T* pool_new(ngx_pool_t* pool, Args&&... args) {
    void* memory = nullptr;
    ngx_pool_cleanup_t* cleanup = nullptr;
    if constexpr (std::is_trivially_destructible_v<T>) {
        memory = ngx_palloc(pool, sizeof(T) + kAlignmentGap<T>);
    } else {
        cleanup = ngx_pool_cleanup_add(pool, sizeof(T) + kAlignmentGap<T>);
        memory = cleanup == nullptr ? nullptr : cleanup->data;
    }
    if (memory == nullptr) {
        return nullptr;
    }
    T* object = new (aligned<T>(memory)) T(std::forward<Args>(args)...);
    if (cleanup != nullptr) {
        cleanup->data = object;
        cleanup->handler = pool_destroy<T>;
    }
    return object;
}

template <typename T>
void pool_recycle(void* object) {
    static_cast<T*>(object)->~T();
    give_memory(object, sizeof(T));
}

// As pool_new, for an object that every request has and that would fill a good part of its pool:
// the memory is not the pool's, and serves the next one.
template <typename T, typename... Args>
T* pool_new_recycled(ngx_pool_t* pool, Args&&... args) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(pool, 0);
    void* memory = cleanup == nullptr ? nullptr : take_memory(sizeof(T));
    if (memory == nullptr) {
        return nullptr;
    }
    static_assert(std::is_nothrow_constructible_v<T, Args...>);
    cleanup->data = new (memory) T(std::forward<Args>(args)...);
    cleanup->handler = pool_recycle<T>;
    return static_cast<T*>(memory);
}

// The object that pool_new_recycled<T> made for this pool and that `matches` accepts, or null.
template <typename T, typename Predicate>
T* pool_find(ngx_pool_t* pool, Predicate matches) {
    for (ngx_pool_cleanup_t* cleanup = pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == pool_recycle<T> && matches(*static_cast<T*>(cleanup->data))) {
            return static_cast<T*>(cleanup->data);
        }
    }
    return nullptr;
}

// Memory that belongs to a pool, for objects which nothing must destroy.
template <typename T>
T* pool_array(ngx_pool_t* pool, std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(aligned<T>(ngx_pcalloc(pool, count * sizeof(T) + kAlignmentGap<T>)));
}

}  // namespace mcache::ngx
