#include "memcached/protocol/out_queue.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace mcache::memcached {
namespace {

// Copying so few bytes is cheaper than describing them to the kernel.
constexpr std::size_t kCopyBelow = 1024;

// Chunks that are kept when the queue has drained, besides the one that is written to.
constexpr std::size_t kMaxSpareChunks = 3;

}  // namespace

OutQueue::OutQueue() {
    spare_.reserve(kMaxSpareChunks);
}

OutQueue::~OutQueue() = default;

void OutQueue::append(std::string_view bytes) {
    const std::size_t before = size_;
    try {
        while (!bytes.empty()) {
            if (chunks_.empty() || chunks_.back()->used == kChunkSize) {
                add_chunk();
            }
            Chunk& chunk = *chunks_.back();
            const std::size_t part = std::min(bytes.size(), kChunkSize - chunk.used);
            std::memcpy(chunk.bytes + chunk.used, bytes.data(), part);
            commit(part);
            bytes.remove_prefix(part);
        }
    } catch (const std::bad_alloc&) {
        truncate(before);
        throw;
    }
}

void OutQueue::append(const BufferSlice& slice) {
    if (slice.size == 0) {
        return;
    }
    const char* data = slice.buffer->data() + slice.offset;
    if (slice.size < kCopyBelow) {
        append(std::string_view(data, slice.size));
        return;
    }
    push({data, slice.size, nullptr, slice.buffer});
    size_ += slice.size;
}

char* OutQueue::reserve(std::size_t size) {
    assert(size <= kChunkSize);
    if (chunks_.empty() || kChunkSize - chunks_.back()->used < size) {
        add_chunk();
    }
    Chunk& chunk = *chunks_.back();
    return chunk.bytes + chunk.used;
}

void OutQueue::commit(std::size_t size) {
    if (size == 0) {
        return;
    }
    Chunk& chunk = *chunks_.back();
    const char* data = chunk.bytes + chunk.used;
    if (head_ < segments_.size() && segments_.back().data + segments_.back().size == data &&
        segments_.back().chunk == &chunk) {
        segments_.back().size += size;
    } else {
        push({data, size, &chunk, {}});
        ++chunk.segments;
    }
    chunk.used += size;
    size_ += size;
}

std::size_t OutQueue::fill(struct iovec* out, std::size_t max) const {
    const std::size_t count = std::min(max, segments_.size() - head_);
    for (std::size_t i = 0; i < count; ++i) {
        const Segment& segment = segments_[head_ + i];
        out[i].iov_base = const_cast<char*>(segment.data);
        out[i].iov_len = segment.size;
    }
    return count;
}

void OutQueue::consume(std::size_t sent) {
    assert(sent <= size_);
    size_ -= sent;
    while (sent > 0) {
        Segment& segment = segments_[head_];
        if (sent < segment.size) {
            segment.data += sent;
            segment.size -= sent;
            return;
        }
        sent -= segment.size;
        if (segment.chunk != nullptr) {
            --segment.chunk->segments;
        }
        segment.buffer = {};
        ++head_;
    }
    if (head_ == segments_.size()) {
        segments_.clear();
        head_ = 0;
    }
    release_sent_chunks();
}

void OutQueue::truncate(std::size_t size) {
    while (size_ > size) {
        Segment& segment = segments_.back();
        const std::size_t part = std::min(segment.size, size_ - size);
        segment.size -= part;
        size_ -= part;
        if (segment.size == 0) {
            if (segment.chunk != nullptr) {
                --segment.chunk->segments;
            }
            segments_.pop_back();
        }
    }
}

void OutQueue::clear() {
    consume(size_);
}

void OutQueue::push(Segment&& segment) {
    if (segments_.size() == segments_.capacity() && head_ > segments_.size() / 2) {
        segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
    segments_.push_back(std::move(segment));
}

void OutQueue::add_chunk() {
    if (spare_.empty()) {
        chunks_.push_back(std::unique_ptr<Chunk>(new Chunk));
    } else {
        chunks_.push_back(std::move(spare_.back()));
        spare_.pop_back();
    }
}

void OutQueue::release_sent_chunks() {
    std::size_t sent = 0;
    while (sent + 1 < chunks_.size() && chunks_[sent]->segments == 0) {
        if (spare_.size() < kMaxSpareChunks) {
            chunks_[sent]->used = 0;
            spare_.push_back(std::move(chunks_[sent]));
        }
        ++sent;
    }
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(sent));
    if (chunks_.size() == 1 && chunks_.front()->segments == 0) {
        chunks_.front()->used = 0;
    }
}

}  // namespace mcache::memcached
