#include "base/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mcache {
namespace {

std::size_t files;

}  // namespace

MemoryFile make_memory_file(std::size_t size) noexcept {
    if (files >= kMaxMemoryFiles) {
        return {};
    }
    const int fd = memfd_create("mcache", MFD_CLOEXEC);
    if (fd == -1) {
        return {};
    }
    // Allocate all pages now: a missing page would raise a signal on first access.
    void* memory = MAP_FAILED;
    if (posix_fallocate(fd, 0, static_cast<off_t>(size)) == 0) {
        memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    }
    if (memory == MAP_FAILED) {
        (void)close(fd);
        return {};
    }
    ++files;
    return {memory, fd};
}

void end_memory_file(MemoryFile file, std::size_t size) noexcept {
    (void)munmap(file.memory, size);
    (void)close(file.fd);
    --files;
}

}  // namespace mcache
