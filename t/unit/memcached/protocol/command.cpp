#include "memcached/protocol/command.h"

#include <array>
#include <string>
#include <string_view>

#include "unit/catch.h"
#include "unit/memcached/protocol/queued.h"

using namespace mcache;
using namespace mcache::memcached;

namespace {

template <class Command, class... Data>
std::string line(std::string_view key, const Command& command, Data... data) {
    OutQueue queue;
    REQUIRE(compose(queue, key, command, data...));
    return queued(queue);
}

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::int64_t kDay = 86400;

}  // namespace

TEST_CASE("mg") {
    MetaGet get;
    get.opaque = 7;
    CHECK(line("/page", get) == "mg /page t f c v O7\r\n");
    get.value = false;
    CHECK(line("/page", get) == "mg /page t f c s O7\r\n");
    get = {UINT32_MAX, true, true, true, true, 30, 60, 90};
    CHECK(line("k", get) == "mg k N30 R60 T90 t f c v O4294967295 k u q\r\n");
}

TEST_CASE("ms") {
    MetaSet set;
    set.opaque = 7;
    CHECK(line("/page", set, std::string_view("body")) == "ms /page 4 O7 F0\r\nbody\r\n");
    CHECK(line("/page", set, std::string_view("")) == "ms /page 0 O7 F0\r\n\r\n");
    set.flags = 0x6D630100;
    set.ttl = 60;
    set.cas = 0;
    set.invalidate = true;
    set.return_cas = true;
    set.quiet = true;
    CHECK(line("/page", set, std::string_view("a\r\nb")) ==
          "ms /page 4 O7 F1835204864 T60 C0 I c q\r\na\r\nb\r\n");
    set = {};
    set.mode = SetMode::Add;
    CHECK(line("k", set, std::string_view("x")) == "ms k 1 O0 F0 ME\r\nx\r\n");
    set.mode = SetMode::Append;
    CHECK(line("k", set, std::string_view("x")) == "ms k 1 O0 F0 MA\r\nx\r\n");
}

TEST_CASE("The data of a set may lie in several buffers") {
    OutQueue queue;
    const std::string body(3000, 'b');
    const std::array parts = {slice_of("head"), slice_of(body), BufferSlice{}, slice_of("tail")};
    REQUIRE(compose(queue, "k", MetaSet{}, std::span<const BufferSlice>(parts)));
    CHECK(queued(queue) == "ms k 3008 O0 F0\r\nhead" + body + "tail\r\n");
    queue.clear();
    REQUIRE(compose(queue, "k", ClassicSet{}, std::span<const BufferSlice>(parts)));
    CHECK(queued(queue) == "set k 0 0 3008\r\nhead" + body + "tail\r\n");
}

TEST_CASE("Data that memcached could not count is refused") {
    OutQueue queue;
    const std::array parts = {BufferSlice{{}, 0, 0x7fffffff - 10}, BufferSlice{{}, 0, 9}};
    CHECK_FALSE(compose(queue, "k", MetaSet{}, std::span<const BufferSlice>(parts)));
    CHECK_FALSE(compose(queue, "k", ClassicSet{}, std::span<const BufferSlice>(parts)));
    CHECK(queue.empty());
}

TEST_CASE("md") {
    MetaDelete del;
    del.opaque = 7;
    CHECK(line("/page", del) == "md /page O7\r\n");
    del.ttl = 30;
    CHECK(line("/page", del) == "md /page O7\r\n");
    del.invalidate = true;
    del.cas = UINT64_MAX;
    del.quiet = true;
    CHECK(line("/page", del) == "md /page O7 C18446744073709551615 I T30 q\r\n");
}

TEST_CASE("ma") {
    MetaArithmetic count;
    count.opaque = 7;
    CHECK(line("gen", count) == "ma gen O7 D1 v\r\n");
    count = {UINT32_MAX, UINT64_MAX, true, true, 0, UINT64_MAX, 60, UINT64_MAX, true, true, true};
    CHECK(line("gen", count) ==
          "ma gen O4294967295 D18446744073709551615 MD N0 J18446744073709551615 T60 "
          "C18446744073709551615 v c q\r\n");
    count = {};
    count.value = false;
    CHECK(line("gen", count) == "ma gen O0 D1\r\n");
}

TEST_CASE("mn and version") {
    OutQueue queue;
    compose_noop(queue);
    compose_version(queue);
    CHECK(queued(queue) == "mn\r\nversion\r\n");
}

TEST_CASE("The classic text protocol") {
    CHECK(line("k", ClassicGet{}) == "gets k\r\n");
    CHECK(line("k", ClassicGet{false}) == "get k\r\n");
    CHECK(line("k", ClassicDelete{}) == "delete k\r\n");
    CHECK(line("k", ClassicIncr{5}) == "incr k 5\r\n");
    CHECK(line("k", ClassicTouch{60}) == "touch k 60\r\n");
    ClassicSet set;
    set.flags = 16;
    set.ttl = 60;
    CHECK(line("k", set, std::string_view("v")) == "set k 16 60 1\r\nv\r\n");
    set.cas = 9;
    CHECK(line("k", set, std::string_view("v")) == "cas k 16 60 1 9\r\nv\r\n");
    set.mode = SetMode::Add;
    CHECK(line("k", set, std::string_view("v")) == "add k 16 60 1\r\nv\r\n");
    set.mode = SetMode::Append;
    CHECK(line("k", set, std::string_view("v")) == "append k 16 60 1\r\nv\r\n");
}

TEST_CASE("The longest command of each kind fits its line") {
    const std::string key(kMaxKeySize, 'k');
    MetaSet set{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX, true, SetMode::Append, true, true};
    CHECK(line(key, set, std::string_view("")).size() < 512);
    CHECK(line(key, MetaGet{UINT32_MAX, true, true, true, true, UINT32_MAX, UINT32_MAX, UINT32_MAX})
              .size() < 512);
    CHECK(line(key, MetaArithmetic{UINT32_MAX, UINT64_MAX, true, true, UINT32_MAX, UINT64_MAX,
                                   UINT32_MAX, UINT64_MAX, true, true, true})
              .size() < 512);
}

TEST_CASE("Which keys are legal") {
    CHECK(is_legal_key("k"));
    CHECK(is_legal_key("/page?a=b&c=%20"));
    CHECK(is_legal_key("caf\xc3\xa9\xff"));
    CHECK(is_legal_key(std::string(250, 'k')));
    CHECK_FALSE(is_legal_key(""));
    CHECK_FALSE(is_legal_key(std::string(251, 'k')));
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const std::string key = std::string("a") + static_cast<char>(byte) + "b";
        CHECK(is_legal_key(key) == (byte > 0x20 && byte != 0x7f));
    }
}

TEST_CASE("An illegal key leaves nothing in the queue") {
    const std::string_view keys[] = {
        "", "a b", "a\r\nflush_all", "a\n", std::string_view("a\0", 2), "a\t", "\x7f",
    };
    OutQueue queue;
    for (const std::string_view key : keys) {
        CAPTURE(key);
        const std::span<const BufferSlice> none;
        CHECK_FALSE(compose(queue, key, MetaGet{}));
        CHECK_FALSE(compose(queue, key, MetaDelete{}));
        CHECK_FALSE(compose(queue, key, MetaArithmetic{}));
        CHECK_FALSE(compose(queue, key, MetaSet{}, std::string_view("flush_all\r\n")));
        CHECK_FALSE(compose(queue, key, MetaSet{}, none));
        CHECK_FALSE(compose(queue, key, ClassicGet{}));
        CHECK_FALSE(compose(queue, key, ClassicDelete{}));
        CHECK_FALSE(compose(queue, key, ClassicIncr{}));
        CHECK_FALSE(compose(queue, key, ClassicTouch{}));
        CHECK_FALSE(compose(queue, key, ClassicSet{}, std::string_view("flush_all\r\n")));
        CHECK_FALSE(compose(queue, key, ClassicSet{}, none));
        CHECK(queue.empty());
    }
}

TEST_CASE("An expiration time on the wire") {
    struct Case {
        std::int64_t seconds;
        std::int64_t now;
        std::int64_t wire;
    };
    constexpr std::int64_t kMax = 2147483647;
    const Case cases[] = {
        {1, kNow, 1},
        {60, kNow, 60},
        {30 * kDay, kNow, 30 * kDay},
        {30 * kDay + 1, kNow, kNow + 30 * kDay + 1},
        {365 * kDay, kNow, kNow + 365 * kDay},
        {kMax - kNow - 1, kNow, kMax - 1},
        {kMax - kNow, kNow, kMax},
        {kMax, kNow, kMax},
        {INT64_MAX, kNow, kMax},
        {INT64_MAX, INT64_MAX, kMax},
        {31 * kDay, kMax, kMax},
        {0, kNow, 1},
        {-1, kNow, 1},
        {INT64_MIN, kNow, 1},
    };
    for (const Case& c : cases) {
        CAPTURE(c.seconds, c.now);
        CHECK(wire_ttl(c.seconds, c.now) == c.wire);
    }
}
