#include "base/recycler.h"

#include <array>
#include <cstdlib>
#include <new>

namespace mcache {
namespace {

// Sizes are rounded up to a multiple of this.
constexpr std::size_t kStep = 128;

// Bytes that are kept for later at most.
constexpr std::size_t kMaxKept = 4 * 1024 * 1024;

struct Block {
    Block* next;
};

std::array<Block*, kMaxRecycled / kStep + 1> blocks;
std::size_t kept;

constexpr std::size_t steps(std::size_t size) {
    return size == 0 ? 1 : (size + kStep - 1) / kStep;
}

}  // namespace

std::size_t taken_memory(std::size_t size) noexcept {
    return !kRecycles || size > kMaxRecycled ? size : steps(size) * kStep;
}

void* take_memory(std::size_t size) noexcept {
    if (!kRecycles || size > kMaxRecycled) {
        return std::malloc(size);
    }
    Block*& first = blocks[steps(size)];
    if (first == nullptr) {
        return std::malloc(steps(size) * kStep);
    }
    Block* block = first;
    first = block->next;
    kept -= steps(size) * kStep;
    return block;
}

void give_memory(void* memory, std::size_t size) noexcept {
    if (!kRecycles || size > kMaxRecycled || kept > kMaxKept || memory == nullptr) {
        std::free(memory);
        return;
    }
    Block*& first = blocks[steps(size)];
    first = new (memory) Block{first};
    kept += steps(size) * kStep;
}

}  // namespace mcache
