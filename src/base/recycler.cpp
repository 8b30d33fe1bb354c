#include "base/recycler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <new>

namespace mcache {
namespace {

// Sizes are rounded up to a multiple of kStep up to 4 KB, and from there to a sixteenth of the
// power of two below them.
constexpr std::size_t kStep = 128;
constexpr std::size_t kStepsPerDoubling = 16;

// Maximum of bytes that are kept for later.
constexpr std::size_t kMaxKept = 8 * 1024 * 1024;

// The sizes of blocks, counted from the smallest.
constexpr std::size_t size_class(std::size_t size) {
    const std::size_t last = std::max<std::size_t>(size, 1) - 1;
    const int width = std::bit_width(last / (kStep * kStepsPerDoubling));
    const std::size_t doublings = width == 0 ? 0 : static_cast<std::size_t>(width) - 1;
    return last / (kStep << doublings) + doublings * kStepsPerDoubling;
}

constexpr std::size_t block_size(std::size_t size_class) {
    if (size_class < 2 * kStepsPerDoubling) {
        return (size_class + 1) * kStep;
    }
    const std::size_t doublings = size_class / kStepsPerDoubling - 1;
    return (size_class - doublings * kStepsPerDoubling + 1) * (kStep << doublings);
}

constexpr std::size_t kClasses = size_class(kMaxRecycled) + 1;
static_assert(block_size(kClasses - 1) == kMaxRecycled);

struct Block {
    Block* next;
};

std::array<Block*, kClasses> blocks;
std::size_t kept;

// Unused sizes must not displace others: if too much is kept, the classes lose a block in turn.
void keep_less() {
    static std::size_t turn;
    while (kept > kMaxKept) {
        turn = (turn + 1) % kClasses;
        if (Block* block = blocks[turn]) {
            blocks[turn] = block->next;
            kept -= block_size(turn);
            std::free(block);
        }
    }
}

}  // namespace

std::size_t taken_memory(std::size_t size) noexcept {
    return !kRecycles || size > kMaxRecycled ? size : block_size(size_class(size));
}

void* take_memory(std::size_t size) noexcept {
    if (!kRecycles || size > kMaxRecycled) {
        return std::malloc(size);
    }
    const std::size_t which = size_class(size);
    Block* block = blocks[which];
    if (block == nullptr) {
        return std::malloc(block_size(which));
    }
    blocks[which] = block->next;
    kept -= block_size(which);
    return block;
}

void give_memory(void* memory, std::size_t size) noexcept {
    if (!kRecycles || size > kMaxRecycled || memory == nullptr) {
        std::free(memory);
        return;
    }
    const std::size_t which = size_class(size);
    blocks[which] = new (memory) Block{blocks[which]};
    kept += block_size(which);
    if (kept > kMaxKept) {
        keep_less();
    }
}

}  // namespace mcache
