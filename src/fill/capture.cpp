#include "fill/capture.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fill/part_writer.h"

namespace mcache::request {

BufferRef CollectedMemory::allocate(std::size_t size, Appended& why) {
    if (!client_.take_store_memory(size)) {
        why = Appended::Full;
        return {};
    }
    taken_ += size;
    BufferRef buffer = BufferRef::allocate(size);
    why = buffer ? Appended::Ok : Appended::OutOfMemory;
    return buffer;
}

Capture::Capture(net::Client& client) : memory_(client) {}
Capture::~Capture() = default;

void Capture::begin(BufferRef head, std::int64_t expected, std::size_t limit,
                    const LargePlan& plan) {
    drop();
    head_ = std::move(head);
    expected_ = expected;
    limit_ = limit;
    plan_ = plan;
}

Appended Capture::append(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t size = bytes.size();
        Appended why = Appended::Ok;
        char* to = reserve(size, why);
        if (to == nullptr) {
            return why;
        }
        std::memcpy(to, bytes.data(), size);
        bytes.remove_prefix(size);
    }
    return Appended::Ok;
}

char* Capture::reserve(std::size_t& size, Appended& why) {
    why = Appended::Ok;
    const bool fits =
        size <= limit_ - size_ && (expected_ < 0 || static_cast<std::size_t>(expected_) <= limit_);
    if (large_ || !fits) {
        char* to = large_ || go_on_in_parts(why) ? large_->reserve(size, expected_, why) : nullptr;
        if (to == nullptr) {
            drop();
        }
        return to;
    }
    if (chunks_.empty() || chunks_.back().buffer->size() == chunks_.back().size) {
        std::size_t chunk = std::clamp(size_, kFirstChunk, kLargestChunk);
        if (expected_ >= 0 && static_cast<std::size_t>(expected_) > size_) {
            chunk = static_cast<std::size_t>(expected_) - size_;
        }
        BufferRef buffer = memory_.allocate(std::max(size, std::min(chunk, limit_ - size_)), why);
        if (!buffer) {
            drop();
            return nullptr;
        }
        chunks_.push_back({std::move(buffer), 0, 0});
    }
    memcached::BufferSlice& last = chunks_.back();
    char* to = last.buffer->data() + last.size;
    size = std::min(size, last.buffer->size() - last.size);
    last.size += size;
    size_ += size;
    return to;
}

bool Capture::go_on_in_parts(Appended& why) {
    large_ = plan_.pool == nullptr ? nullptr : LargeStore::create(plan_);
    if (!large_) {
        why = Appended::TooLarge;
        return false;
    }
    const std::vector<memcached::BufferSlice> collected = std::exchange(chunks_, {});
    memory_.give_back();
    size_ = 0;
    for (const memcached::BufferSlice& chunk : collected) {
        why = append({chunk.buffer->data() + chunk.offset, chunk.size});
        if (why != Appended::Ok) {
            return false;
        }
    }
    return true;
}

std::size_t Capture::size() const {
    return large_ ? large_->size() : size_;
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

std::unique_ptr<LargeStore> Capture::take_large() {
    return std::move(large_);
}

void Capture::drop() {
    head_ = BufferRef();
    chunks_.clear();
    memory_.give_back();
    size_ = 0;
    large_.reset();
}

}  // namespace mcache::request
