#pragma once

// The local tier of one worker and one pool: the most requested values, in bounded memory. A value
// is only served after memcached has confirmed that its item is unchanged.
//
// A value is kept in the buffer that received it, shared with the clients that it is being sent to.
// A dropped value lives until the last of them has it.
//
// A large value that is requested repeatedly is moved into a memory file (memory_file.h). There are
// few of these, for the hottest values.
//
// A new value replaces the least recently used ones (LRU), but only if they were requested less
// often (FrequencySketch): a scan of cold keys does not displace hot ones.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "local/frequency_sketch.h"

namespace mcache::memcached {

// Identifies an item. Within one run of a memcached its CAS suffices. After a restart memcached
// counts its CAS from 1 again, and another value may get the same one. A restart ends the
// connection, so both replies must come over the same connection. A proxy's connection may outlive
// a memcached; therefore size, flags and expiry time must be equal too.
struct ItemIdentity {
    std::uint64_t connection = 0;  // its number, unique in this worker
    std::uint64_t cas = 0;         // 0: the item cannot be identified
    std::int64_t expires = 0;      // Unix time; 0: never
    std::uint32_t flags = 0;
    std::uint32_t size = 0;

    // memcached reports the remaining seconds by a clock that may be one second behind.
    bool is_of(const ItemIdentity& other) const;
};

class LocalTier {
  public:
    struct Item {
        ItemIdentity identity;
        BufferRef value;  // empty: there is none
    };

    // `size`: bytes in all. Throws bad_alloc.
    explicit LocalTier(std::size_t size);
    ~LocalTier();
    LocalTier(const LocalTier&) = delete;
    LocalTier& operator=(const LocalTier&) = delete;

    // The value of the key, if present. Counts a use of the key.
    Item look(std::string_view key);

    // Inserts or replaces a value, if it is worth its memory. An item that cannot be identified
    // reliably, or never expires, is not kept. The value's bytes from `sent` on are sent to
    // clients.
    void keep(std::string_view key, const ItemIdentity& identity, const BufferRef& value,
              std::size_t sent = 0);

    // The item in memcached has changed.
    void drop(std::string_view key, const ItemIdentity& identity);

    // Bytes of the values, their keys and the index; never more than the size.
    std::size_t used() const { return used_; }

  private:
    struct Link {
        Link* previous;
        Link* next;
    };
    struct Entry;

    Entry** find(std::uint64_t hash, std::string_view key);
    bool make_room(std::size_t memory, std::uint64_t hash);
    void remove(Entry** link);
    void to_front(Entry& entry);
    void move_into_file(Entry& entry);
    bool give_up_file(const Entry& newcomer);

    const std::size_t size_;
    FrequencySketch sketch_;
    std::vector<Entry*> buckets_;   // chained
    Link recent_;                   // LRU list, most recent first
    std::vector<Entry*> in_files_;  // entries with values in memory files
    std::size_t used_;
};

}  // namespace mcache::memcached
