#pragma once

// What an OutQueue would send, as text.

#include <sys/uio.h>

#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/protocol/out_queue.h"

namespace mcache::memcached {

inline std::string queued(const OutQueue& queue) {
    std::vector<struct iovec> parts(4096);
    parts.resize(queue.fill(parts.data(), parts.size()));
    std::string bytes;
    for (const struct iovec& part : parts) {
        bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    return bytes;
}

// A buffer that holds the text, all of it.
inline BufferSlice slice_of(std::string_view text) {
    BufferRef buffer = BufferRef::allocate(text.size());
    if (!buffer) {
        throw std::bad_alloc();
    }
    text.copy(buffer->data(), text.size());
    return {buffer, 0, text.size()};
}

}  // namespace mcache::memcached
