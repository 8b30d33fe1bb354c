#include "memcached/protocol/out_queue.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include "unit/catch.h"
#include "unit/memcached/protocol/queued.h"

using namespace mcache;
using namespace mcache::memcached;

namespace {

std::size_t iovecs(const OutQueue& queue) {
    struct iovec parts[64];
    return queue.fill(parts, 64);
}

std::string pattern_of(std::size_t size, unsigned seed) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
    }
    return text;
}

}  // namespace

TEST_CASE("Commands of a turn are one iovec") {
    OutQueue queue;
    CHECK(queue.empty());
    CHECK(iovecs(queue) == 0);
    queue.append("mg a v\r\n");
    queue.append("mg b v\r\n");
    std::memcpy(queue.reserve(100), "mn\r\n", 4);
    queue.commit(4);
    CHECK(iovecs(queue) == 1);
    CHECK(queue.size() == 20);
    CHECK(queued(queue) == "mg a v\r\nmg b v\r\nmn\r\n");
}

TEST_CASE("A large slice is sent from where it lies, a small one is copied") {
    OutQueue queue;
    const BufferSlice large = slice_of(pattern_of(5000, 1));
    queue.append("head");
    queue.append(BufferSlice{large.buffer, 100, 4000});
    queue.append("tail");
    struct iovec parts[4];
    REQUIRE(queue.fill(parts, 4) == 3);
    CHECK(parts[1].iov_base == large.buffer->data() + 100);
    CHECK(parts[1].iov_len == 4000);
    CHECK(queue.fill(parts, 2) == 2);

    OutQueue small;
    small.append("head");
    small.append(slice_of("middle"));
    small.append("tail");
    small.append(BufferSlice{});
    CHECK(iovecs(small) == 1);
    CHECK(queued(small) == "headmiddletail");
}

TEST_CASE("A buffer is held until its last byte is sent") {
    OutQueue queue;
    BufferSlice slice = slice_of(pattern_of(5000, 1));
    const std::string expected(slice.buffer->view());
    queue.append(slice);
    slice = {};
    queue.consume(4999);
    CHECK(queued(queue) == expected.substr(4999));
    queue.consume(1);
    CHECK(queue.empty());
    CHECK(iovecs(queue) == 0);
}

TEST_CASE("Text larger than a chunk is kept in order") {
    OutQueue queue;
    const std::string text = pattern_of(OutQueue::kChunkSize * 3 + 17, 5);
    queue.append("x");
    queue.append(text);
    CHECK(queue.size() == text.size() + 1);
    CHECK(queued(queue) == "x" + text);
}

TEST_CASE("reserve() is contiguous, and counts only as far as it is committed") {
    OutQueue queue;
    queue.append(pattern_of(OutQueue::kChunkSize - 10, 1));
    char* room = queue.reserve(OutQueue::kChunkSize);
    std::memset(room, 'r', OutQueue::kChunkSize);
    queue.commit(0);
    CHECK(queue.size() == OutQueue::kChunkSize - 10);
    room = queue.reserve(OutQueue::kChunkSize);
    std::memset(room, 'r', OutQueue::kChunkSize);
    queue.commit(3);
    CHECK(queued(queue) == pattern_of(OutQueue::kChunkSize - 10, 1) + "rrr");
}

TEST_CASE("truncate() takes back what was appended last") {
    OutQueue queue;
    queue.append("kept");
    const std::size_t kept = queue.size();
    queue.append(pattern_of(2 * OutQueue::kChunkSize, 1));
    queue.append(slice_of(pattern_of(4000, 2)));
    queue.append("gone");
    queue.truncate(kept);
    CHECK(queued(queue) == "kept");
    queue.append(" on");
    CHECK(queued(queue) == "kept on");
    queue.consume(queue.size());
    queue.append("again");
    CHECK(queued(queue) == "again");
    queue.truncate(0);
    CHECK(queue.empty());
    queue.append("and again");
    CHECK(queued(queue) == "and again");
}

TEST_CASE("clear() forgets everything") {
    OutQueue queue;
    queue.append("a");
    queue.append(slice_of(pattern_of(4000, 2)));
    queue.clear();
    CHECK(queue.empty());
    CHECK(queue.size() == 0);
    CHECK(iovecs(queue) == 0);
    queue.append("b");
    CHECK(queued(queue) == "b");
}

TEST_CASE("Whatever is appended and sent in whatever pieces arrives in order") {
    std::mt19937 random(20240229);
    const auto below = [&](std::size_t bound) { return random() % bound; };
    for (int round = 0; round < 30; ++round) {
        OutQueue queue;
        std::string expected;
        std::string sent;
        for (int step = 0; step < 400; ++step) {
            const std::string text =
                pattern_of(below(10) == 0 ? below(40000) : below(300), static_cast<unsigned>(step));
            switch (below(5)) {
                case 0:
                    queue.append(slice_of(text));
                    expected += text;
                    break;
                case 1:
                    std::memcpy(queue.reserve(512), text.data(),
                                std::min<std::size_t>(text.size(), 512));
                    queue.commit(std::min<std::size_t>(text.size(), 512));
                    expected += text.substr(0, 512);
                    break;
                case 2:
                    queue.append(text);
                    queue.truncate(queue.size() - text.size());
                    break;
                case 3:
                    queue.append(text);
                    expected += text;
                    break;
                default: {
                    const std::size_t part = below(3) == 0 ? queue.size() : below(queue.size() + 1);
                    sent += queued(queue).substr(0, part);
                    queue.consume(part);
                    break;
                }
            }
            REQUIRE(queue.size() == expected.size() - sent.size());
        }
        sent += queued(queue);
        REQUIRE(sent == expected);
    }
}
