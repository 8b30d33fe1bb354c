#include "request/capture.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mcache::request {

void Capture::begin(BufferRef head, std::int64_t expected, std::size_t limit) {
    drop();
    head_ = std::move(head);
    expected_ = expected;
    limit_ = limit;
}

Capture::Append Capture::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const bool full = chunks_.empty() || chunks_.back().size == chunks_.back().buffer->size();
        const std::size_t room =
            full ? bytes.size() : chunks_.back().buffer->size() - chunks_.back().size;
        const std::size_t size = std::min(bytes.size(), room);
        Append why = Append::Ok;
        char* to = reserve(size, why);
        if (to == nullptr) {
            return why;
        }
        std::memcpy(to, bytes.data(), size);
        bytes.remove_prefix(size);
    }
    return Append::Ok;
}

char* Capture::reserve(std::size_t size, Append& why) {
    if (size > limit_ - size_) {
        drop();
        why = Append::TooLarge;
        return nullptr;
    }
    if (chunks_.empty() || chunks_.back().buffer->size() - chunks_.back().size < size) {
        std::size_t chunk = std::clamp(size_, kFirstChunk, kLargestChunk);
        if (expected_ >= 0 && static_cast<std::size_t>(expected_) > size_) {
            chunk = static_cast<std::size_t>(expected_) - size_;
        }
        BufferRef buffer = BufferRef::allocate(std::max(size, std::min(chunk, limit_ - size_)));
        if (!buffer) {
            drop();
            why = Append::OutOfMemory;
            return nullptr;
        }
        chunks_.push_back({std::move(buffer), 0, 0});
    }
    memcached::BufferSlice& last = chunks_.back();
    char* to = last.buffer->data() + last.size;
    last.size += size;
    size_ += size;
    why = Append::Ok;
    return to;
}

std::vector<memcached::BufferSlice> Capture::take() {
    std::vector<memcached::BufferSlice> parts;
    parts.reserve(chunks_.size() + 1);
    if (head_) {
        const std::size_t size = head_->size();
        parts.push_back({std::move(head_), 0, size});
    }
    std::move(chunks_.begin(), chunks_.end(), std::back_inserter(parts));
    drop();
    return parts;
}

void Capture::drop() {
    head_ = BufferRef();
    chunks_.clear();
    size_ = 0;
}

}  // namespace mcache::request
