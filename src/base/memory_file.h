#pragma once

// Memory in an unnamed file (memfd), so that sendfile() can send it without copying. A worker has
// few of them, since each takes a file descriptor. The content must not change once it is being
// sent: the kernel reads it from there.

#include <cstddef>

namespace mcache {

struct MemoryFile {
    void* memory = nullptr;
    int fd = -1;
};

inline constexpr std::size_t kMaxMemoryFiles = 64;

// Its memory begins with a page, of which the processor's have at least this size.
inline constexpr std::size_t kMemoryPage = 4096;

// Of `size` bytes; empty if there is no memory or descriptor, or the maximum number is reached.
MemoryFile make_memory_file(std::size_t size) noexcept;

// What is being sent from it is sent all the same.
void end_memory_file(MemoryFile file, std::size_t size) noexcept;

}  // namespace mcache
