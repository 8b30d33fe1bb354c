#pragma once

// Memory for short-lived objects of requests. Blocks of up to kMaxRecycled bytes are kept for the
// next one of about the same size. The allocator would return the pages of a body to the kernel
// and fault them in again. A worker is one thread; the lists are
// not protected. With AddressSanitizer every block is the allocator's own.

#include <cstddef>

namespace mcache {

inline constexpr std::size_t kMaxRecycled = 128 * 1024;

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kRecycles = false;
#elif defined(__has_feature)
inline constexpr bool kRecycles = !__has_feature(address_sanitizer);
#else
inline constexpr bool kRecycles = true;
#endif

// Bytes of the block that take_memory(size) returns: at most 127 more, and from 4 KB on at most a
// sixteenth more.
std::size_t taken_memory(std::size_t size) noexcept;

// At least `size` bytes, aligned as by malloc; null when there is no memory.
void* take_memory(std::size_t size) noexcept;

// Gives back what take_memory(size) returned.
void give_memory(void* memory, std::size_t size) noexcept;

}  // namespace mcache
