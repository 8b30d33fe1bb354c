#include "memcached/protocol/stub.h"

#include "unit/catch.h"

using namespace mcache::memcached;

TEST_CASE("A stub's flags say how long it lives, also across the wrap") {
    for (const std::int64_t now : {std::int64_t{1763935200}, std::int64_t{0x6700FFF0}}) {
        const std::uint32_t flags = stub_flags(now + 60);
        CHECK(is_stub(flags, 0));
        CHECK(stub_seconds_left(flags, now) == 60);
        CHECK(stub_seconds_left(flags, now + 59) == 1);
        CHECK(stub_seconds_left(flags, now + 61) == 0);
        CHECK(stub_seconds_left(stub_flags(now + kMaxStubSeconds), now) == kMaxStubSeconds);
    }
}

TEST_CASE("Stubs of one second can differ") {
    CHECK(stub_flags(1000) == (1000 << 16 | 0x5300));
    CHECK(stub_flags(1000, 14) == (1000 << 16 | 0xF300));
    CHECK(stub_flags(1000, 15) == (1000 << 16 | 0x1300));
    CHECK(is_stub(stub_flags(1000, 14), 0));
    CHECK(stub_seconds_left(stub_flags(1060, 14), 1000) == 60);
}

TEST_CASE("What is no stub") {
    CHECK_FALSE(is_stub(stub_flags(1000), 1));
    CHECK_FALSE(is_stub(0, 0));
    CHECK_FALSE(is_stub(16, 0));
    CHECK_FALSE(is_stub(0x0300, 0));
    CHECK_FALSE(is_stub(0x6D630100, 0));
}
