#pragma once

// Memory that is the content of a file without a name (memfd), so that sendfile() can send it as it
// sends a page of the page cache: without copying it. A few per worker, since each takes a file
// descriptor. What lies in one must not change once it was sent: the kernel sends it from there.

#include <cstddef>

namespace mcache {

struct MemoryFile {
    void* memory = nullptr;
    int fd = -1;
};

inline constexpr std::size_t kMaxMemoryFiles = 64;

// Its memory begins with a page, of which the processor's have at least this size.
inline constexpr std::size_t kMemoryPage = 4096;

// Of `size` bytes; without memory where there is none, no descriptor, or there are enough of them.
MemoryFile make_memory_file(std::size_t size) noexcept;

// What is being sent from it is sent all the same.
void end_memory_file(MemoryFile file, std::size_t size) noexcept;

}  // namespace mcache
