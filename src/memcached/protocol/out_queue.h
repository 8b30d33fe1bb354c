#pragma once

// The bytes that wait to be sent on one connection. Commands are copied one behind the other into
// chunks, so that a turn's worth of them is one iovec; payloads stay in the Buffer that they are
// in.
//
// The queue owns its chunks and holds a reference to every Buffer until the last byte of it is
// sent. Chunks and the list of segments are kept for reuse: in a steady state nothing is allocated.
// Memory that cannot be had is std::bad_alloc; what was being appended is then not in the queue.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/buffer.h"

namespace mcache::memcached {

// `size` bytes of a Buffer, from `offset` on. Both must lie within the buffer.
struct BufferSlice {
    BufferRef buffer;
    std::size_t offset = 0;
    std::size_t size = 0;
};

class OutQueue {
  public:
    // The most that reserve() can be asked for.
    static constexpr std::size_t kChunkSize = 16384;

    OutQueue();
    ~OutQueue();
    OutQueue(const OutQueue&) = delete;
    OutQueue& operator=(const OutQueue&) = delete;

    // Copies the bytes.
    void append(std::string_view bytes);

    // Sends the slice from where it lies (a small one is copied: an iovec of its own costs more).
    void append(const BufferSlice& slice);

    // `size` contiguous bytes (at most kChunkSize) for the caller to write to; valid until the next
    // call. The first `size` of them that commit() says become the end of the queue.
    char* reserve(std::size_t size);
    void commit(std::size_t size);

    // Describes the beginning of the queue in at most `max` iovecs; returns how many were written.
    std::size_t fill(struct iovec* out, std::size_t max) const;

    // Drops the first `sent` bytes; at most size().
    void consume(std::size_t sent);

    // Takes back what was appended last, so that the first `size` bytes remain. Only for bytes of
    // which none has been sent.
    void truncate(std::size_t size);

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    void clear();

  private:
    struct Chunk {
        std::size_t used = 0;
        std::size_t segments = 0;  // that are not sent and lie here
        char bytes[kChunkSize];
    };

    // Bytes that lie in one piece: in a chunk, or in a buffer.
    struct Segment {
        const char* data;
        std::size_t size;
        Chunk* chunk;
        BufferRef buffer;
    };

    void push(Segment&& segment);
    void add_chunk();
    void release_sent_chunks();

    std::vector<Segment> segments_;
    std::size_t head_ = 0;                        // index of the first segment that is not sent
    std::vector<std::unique_ptr<Chunk>> chunks_;  // oldest first; the last is written to
    std::vector<std::unique_ptr<Chunk>> spare_;
    std::size_t size_ = 0;
};

}  // namespace mcache::memcached
