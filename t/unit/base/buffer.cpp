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
    const BufferRef copy = BufferRef::copy_into_file(*buffer);
    REQUIRE(copy);
    CHECK(copy->view() == buffer->view());
    CHECK(copy->memory() >= buffer->memory());
    REQUIRE(copy->fd() != -1);
    std::string read(copy->size(), '\0');
    CHECK(pread(copy->fd(), read.data(), read.size(), Buffer::offset_in_file()) ==
          static_cast<ssize_t>(read.size()));
    CHECK(read == buffer->view());
}

TEST_CASE("The file is closed with the last reference") {
    BufferRef copy = BufferRef::copy_into_file(*digits(100));
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
        copies.push_back(BufferRef::copy_into_file(*buffer));
        REQUIRE(copies.back());
    }
    CHECK_FALSE(BufferRef::copy_into_file(*buffer));
    copies.pop_back();
    CHECK(BufferRef::copy_into_file(*buffer));
}
