#pragma once

// The body of a response while it passes by: copied once, into the memory that it is sent to
// memcached from. nginx recycles its own buffers as soon as the client has them. A body that
// outgrows one item goes on in parts (part_writer.h).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "memcached/client/client.h"
#include "memcached/protocol/out_queue.h"

namespace mcache::request {

class LargeStore;
struct Pool;

// How a body is stored that does not fit into one item.
struct LargePlan {
    Pool* pool = nullptr;       // null: it is not stored
    std::string_view full_key;  // of the entry; outlives the capture
    std::int64_t ttl = 0;       // of the entry, in seconds
    std::size_t limit = 0;      // the largest body that is wanted
};

enum class Appended : std::uint8_t {
    Ok,
    TooLarge,
    OutOfMemory,
    Down,  // memcached refuses parts, or does not keep up
    Full,  // store_buffers are
};

// What a body that is being collected takes of its worker's store_buffers.
class CollectedMemory {
  public:
    explicit CollectedMemory(net::Client& client) : client_(client) {}
    ~CollectedMemory() { give_back(); }
    CollectedMemory(const CollectedMemory&) = delete;
    CollectedMemory& operator=(const CollectedMemory&) = delete;

    // Null: `why` says so.
    BufferRef allocate(std::size_t size, Appended& why);
    // What was allocated is on its way to memcached, or is not needed any more.
    void give_back() { client_.give_store_memory_back(std::exchange(taken_, 0)); }

  private:
    net::Client& client_;
    std::size_t taken_ = 0;
};

class Capture {
  public:
    explicit Capture(net::Client& client);
    ~Capture();
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    // `head`: what precedes the body in the stored value, may be empty. `expected`: the body's size
    // as announced, or -1. `limit`: the largest body that fits into one item; a larger one is
    // stored as the plan says.
    void begin(BufferRef head, std::int64_t expected, std::size_t limit, const LargePlan& plan);

    // After anything but Ok the capture is dropped.
    Appended append(std::string_view bytes);
    // Room at the end, in one piece, for at most `size` bytes, which becomes how many; they are to
    // be written before the next call. Null as append().
    char* reserve(std::size_t& size, Appended& why);

    bool has_length() const { return expected_ >= 0; }
    std::size_t size() const;
    bool complete() const { return expected_ < 0 || size() == static_cast<std::size_t>(expected_); }

    // Where an envelope's head lies; null where there is none.
    char* head() { return head_ ? head_->data() : nullptr; }
    std::string_view head_view() const { return head_->view(); }

    // Head and body, handed over.
    std::vector<memcached::BufferSlice> take();

    // The body lies in parts, handed over; null where it does not.
    std::unique_ptr<LargeStore> take_large();

    void drop();

  private:
    static constexpr std::size_t kFirstChunk = 16 * 1024;
    static constexpr std::size_t kLargestChunk = 256 * 1024;

    // Goes on in parts with what was collected so far.
    bool go_on_in_parts(Appended& why);

    BufferRef head_;
    std::int64_t expected_ = -1;
    std::size_t limit_ = 0;
    std::size_t size_ = 0;
    CollectedMemory memory_;  // of the chunks
    std::vector<memcached::BufferSlice> chunks_;
    LargePlan plan_;
    std::unique_ptr<LargeStore> large_;
};

}  // namespace mcache::request
