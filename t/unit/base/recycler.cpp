#include "base/recycler.h"

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

#include "unit/catch.h"

using namespace mcache;

TEST_CASE("Memory that was given back serves the next of about its size") {
    for (const std::size_t size :
         {0, 1, 100, 128, 129, 1320, 4095, 4096, 4097, 17000, 131072, 131073}) {
        CAPTURE(size);
        void* first = take_memory(size);
        REQUIRE(first != nullptr);
        std::memset(first, 1, size);
        give_memory(first, size);
        void* second = take_memory(size);
        std::memset(second, 2, size);
        give_memory(second, size);
        CHECK((first == second || !kRecycles));
    }
}

TEST_CASE("Blocks that are in use are different ones, aligned, and as large as was asked for") {
    std::vector<unsigned char*> taken;
    for (unsigned i = 0; i < 2000; ++i) {
        const std::size_t size = 1 + i * 5;
        auto* memory = static_cast<unsigned char*>(take_memory(size));
        REQUIRE(memory != nullptr);
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % alignof(std::max_align_t) == 0);
        std::memset(memory, static_cast<int>(i % 251), size);
        taken.push_back(memory);
    }
    for (unsigned i = 0; i < taken.size(); ++i) {
        const std::size_t size = 1 + i * 5;
        CHECK(taken[i][0] == i % 251);
        CHECK(taken[i][size - 1] == i % 251);
        give_memory(taken[i], size);
    }
    CHECK(std::set(taken.begin(), taken.end()).size() == taken.size());
}

TEST_CASE("Nothing is given back") {
    give_memory(nullptr, 10);
    give_memory(nullptr, 100000);
}

TEST_CASE("Much memory of one size that is not asked for any more keeps no other out") {
    std::vector<void*> many;
    for (int i = 0; i < 200; ++i) {
        many.push_back(take_memory(100000));
    }
    for (void* memory : many) {
        give_memory(memory, 100000);
    }
    void* small = take_memory(500);
    give_memory(small, 500);
    void* again = take_memory(500);
    CHECK((again == small || !kRecycles));
    give_memory(again, 500);
}
