#pragma once

// The data block of a reply while it is received.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/buffer.h"

namespace mcache::net {

class IncomingValue {
  public:
    // From this size on a value is received where it is to lie.
    static constexpr std::size_t kLarge = 16 * 1024;

    // A value that is larger than `limit`, or for which there is no memory, is skipped.
    void begin(std::size_t size, std::uint32_t flags, std::size_t limit) {
        active_ = true;
        size_ = size;
        flags_ = flags;
        filled_ = 0;
        if (size <= limit) {
            buffer_ = BufferRef::allocate(size);
        }
        large_ = buffer_ && size >= kLarge;
    }

    void clear() {
        active_ = large_ = false;
        buffer_ = BufferRef();
    }

    bool active() const { return active_; }  // its end has not been read
    bool large() const { return large_; }    // this one, or the last
    bool complete() const { return filled_ == size_; }
    std::uint32_t flags() const { return flags_; }  // the item's

    // Where bytes may be received without a copy, and how many of them.
    char* place() { return buffer_->data() + filled_; }
    std::size_t room() const { return active_ && buffer_ ? size_ - filled_ : 0; }
    void received(std::size_t size) { filled_ += size; }

    // Copies what is still missing from the beginning of `bytes`; returns how many it took.
    std::size_t take(std::string_view bytes) {
        const std::size_t size = std::min(size_ - filled_, bytes.size());
        if (buffer_) {
            std::memcpy(place(), bytes.data(), size);
        }
        filled_ += size;
        return size;
    }

    // Its end has been read: the value, empty where it was skipped.
    BufferRef end() {
        active_ = false;
        return std::move(buffer_);
    }

  private:
    bool active_ = false;
    bool large_ = false;
    std::size_t size_ = 0;
    std::size_t filled_ = 0;
    std::uint32_t flags_ = 0;
    BufferRef buffer_;
};

}  // namespace mcache::net
