// An allocation that fails in the middle of a command leaves no part of it in the queue.
// AddressSanitizer has an operator new of its own, which is better not replaced.

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MCACHE_HAS_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define MCACHE_HAS_ASAN
#endif

#ifndef MCACHE_HAS_ASAN

#include <array>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>

#include "local/local_tier.h"
#include "memcached/protocol/command.h"
#include "unit/catch.h"
#include "unit/memcached/protocol/queued.h"

namespace {

constexpr int kUnlimited = std::numeric_limits<int>::max();
int allocations_left = kUnlimited;

}  // namespace

void* operator new(std::size_t size) {
    if (allocations_left != kUnlimited && allocations_left-- == 0) {
        allocations_left = kUnlimited;
        throw std::bad_alloc();
    }
    if (void* memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}

// Not inlined: gcc 14 would see free() and take what ::operator new returned for another's.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace mcache::memcached;

TEST_CASE("A set that runs out of memory takes back its line") {
    const std::string copied(3 * OutQueue::kChunkSize, 'c');
    const std::string lying(5000, 'l');
    std::string expected = "mn\r\nms k " + std::to_string(copied.size()) + " O0 F0\r\n" + copied +
                           "\r\nms k 10000 O0 F0\r\n" + lying + lying + "\r\n";
    bool has_failed = false;
    for (int allowed = 0;; ++allowed) {
        CAPTURE(allowed);
        OutQueue queue;
        compose_noop(queue);
        const std::array parts = {slice_of(lying), slice_of(lying)};
        std::size_t composed = queue.size();
        bool failed = false;
        allocations_left = allowed;
        try {
            compose(queue, "k", MetaSet{}, std::string_view(copied));
            composed = queue.size();
            compose(queue, "k", MetaSet{}, std::span<const BufferSlice>(parts));
            composed = queue.size();
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        allocations_left = kUnlimited;
        REQUIRE(queue.size() == composed);
        REQUIRE(queued(queue) == expected.substr(0, composed));
        has_failed = has_failed || failed;
        if (!failed) {
            REQUIRE(composed == expected.size());
            break;
        }
    }
    CHECK(has_failed);
}

TEST_CASE(
    "A value for which the local tier has no memory is not kept, nor what was there before it") {
    bool has_failed = false;
    for (int allowed = 0;; ++allowed) {
        CAPTURE(allowed);
        LocalTier tier(1024 * 1024);
        const std::size_t empty = tier.used();
        const ItemIdentity identity{.connection = 1, .cas = 1, .expires = 1, .flags = 0, .size = 9};
        const std::string key(200, 'k');
        const mcache::BufferRef value = mcache::BufferRef::allocate(9);
        tier.keep(key, identity, value);
        allocations_left = allowed;
        tier.keep(key, identity, value);
        allocations_left = kUnlimited;
        if (tier.look(key).value) {
            break;
        }
        REQUIRE(tier.used() == empty);
        has_failed = true;
    }
    CHECK(has_failed);
}

TEST_CASE("A queue that drains every turn allocates once") {
    OutQueue queue;
    const std::string body(5000, 'b');
    const std::array parts = {slice_of(body)};
    const auto turn = [&] {
        for (int i = 0; i < 200; ++i) {
            compose(queue, "key", MetaGet{});
        }
        compose(queue, "key", MetaSet{}, std::span<const BufferSlice>(parts));
        queue.consume(queue.size() / 2);
        queue.consume(queue.size());
    };
    turn();
    turn();
    allocations_left = 0;
    try {
        turn();
        turn();
    } catch (const std::bad_alloc&) {
        FAIL("a turn allocated");
    }
    const bool untouched = allocations_left == 0;
    allocations_left = kUnlimited;
    CHECK(untouched);
}

#endif  // MCACHE_HAS_ASAN
