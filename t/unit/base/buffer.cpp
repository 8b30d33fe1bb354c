#include "base/buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/memory_file.h"
#include "unit/catch.h"

using namespace mcache;

namespace {

BufferRef digits(std::size_t size) {
    BufferRef buffer = BufferRef::allocate(size);
    for (std::size_t i = 0; i < size; ++i) {
        buffer->data()[i] = static_cast<char>('0' + i % 10);
    }
    return buffer;
}

bool is_open(int fd) {
    return fcntl(fd, F_GETFD) != -1;
}

}  // namespace

TEST_CASE("A buffer that was copied into a file is the same, in memory and in the file") {
    const BufferRef buffer = digits(100001);
    CHECK(buffer->fd() == -1);
    const BufferRef copy = BufferRef::copy_into_file(*buffer, 0);
    REQUIRE(copy);
    CHECK(copy->view() == buffer->view());
    CHECK(copy->memory() >= buffer->memory());
    REQUIRE(copy->fd() != -1);
    std::string read(copy->size(), '\0');
    CHECK(pread(copy->fd(), read.data(), read.size(), copy->offset_in_file()) ==
          static_cast<ssize_t>(read.size()));
    CHECK(read == buffer->view());
}

TEST_CASE("What is sent of it begins with a page of the file, wherever that is possible") {
    const BufferRef buffer = digits(10000);
    int missed = 0;
    for (std::size_t sent = 0; sent < 5000; ++sent) {
        const BufferRef copy = BufferRef::copy_into_file(*buffer, sent);
        REQUIRE(copy);
        const std::int64_t at = copy->offset_in_file() + static_cast<std::int64_t>(sent);
        missed += at % static_cast<std::int64_t>(kMemoryPage) >= 8;
        char byte = 0;
        REQUIRE(pread(copy->fd(), &byte, 1, at) == 1);
        REQUIRE(byte == buffer->data()[sent]);
        REQUIRE(copy->view() == buffer->view());
    }
    CHECK(missed < 20);
}

TEST_CASE("The file is closed with the last reference") {
    BufferRef copy = BufferRef::copy_into_file(*digits(100), 0);
    REQUIRE(copy);
    const int fd = copy->fd();
    const BufferRef another = copy;
    copy = BufferRef();
    CHECK(is_open(fd));
    CHECK(another->view() == digits(100)->view());
    copy = another;
    const_cast<BufferRef&>(another) = BufferRef();
    CHECK(is_open(fd));
    copy = BufferRef();
    CHECK_FALSE(is_open(fd));
}

TEST_CASE("There are only so many files") {
    const BufferRef buffer = digits(10);
    std::vector<BufferRef> copies;
    for (std::size_t i = 0; i < kMaxMemoryFiles; ++i) {
        copies.push_back(BufferRef::copy_into_file(*buffer, 0));
        REQUIRE(copies.back());
    }
    CHECK_FALSE(BufferRef::copy_into_file(*buffer, 0));
    copies.pop_back();
    CHECK(BufferRef::copy_into_file(*buffer, 0));
}
