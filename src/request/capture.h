#pragma once

// The body of a response while it passes by: copied once, into the memory that it is sent to
// memcached from. nginx recycles its own buffers as soon as the client has them.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "memcached/out_queue.h"

namespace mcache::request {

class Capture {
  public:
    enum class Append : std::uint8_t { Ok, TooLarge, OutOfMemory };

    // `head`: what precedes the body in the stored value, may be empty. `expected`: the body's size
    // as announced, or -1. `limit`: the largest body that is wanted.
    void begin(BufferRef head, std::int64_t expected, std::size_t limit);

    // After anything but Ok the capture is dropped.
    Append append(std::string_view bytes);
    // `size` bytes of room at the end to be written by the caller, in one piece; null as append().
    char* reserve(std::size_t size, Append& why);

    std::size_t size() const { return size_; }
    bool complete() const { return expected_ < 0 || size_ == static_cast<std::size_t>(expected_); }

    // Where an envelope's head lies; null where there is none.
    char* head() { return head_ ? head_->data() : nullptr; }

    // Head and body, handed over.
    std::vector<memcached::BufferSlice> take();

    void drop();

  private:
    static constexpr std::size_t kFirstChunk = 16 * 1024;
    static constexpr std::size_t kLargestChunk = 256 * 1024;

    BufferRef head_;
    std::int64_t expected_ = -1;
    std::size_t limit_ = 0;
    std::size_t size_ = 0;
    std::vector<memcached::BufferSlice> chunks_;
};

}  // namespace mcache::request
