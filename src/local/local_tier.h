#pragma once

// The local tier of one worker and one pool: the values that are asked for most often, in bounded
// memory. What lies here is good for nothing by itself: memcached is asked each time whether the
// item that a value was read from still lies there.
//
// A value is kept as the buffer that memcached sent it into, shared with the clients that it is
// being sent to; one that was dropped lives until the last of them has it.
//
// A large one that is asked for again and again is moved into a file of memory (memory_file.h), of
// which there are few: the hottest have them.
//
// A newcomer takes the place of what has not been asked for the longest, but only of values that
// were asked for less often (FrequencySketch): a scan of cold keys takes no hot one's place.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "local/frequency_sketch.h"

namespace mcache::memcached {

// By what an item is known again. Within one run of a memcached its CAS suffices. After a restart
// memcached counts its CAS anew, and another value may get the same: a restart ends the connection,
// so the answers to be compared must come over the same one. Through a proxy the connection
// outlives a memcached; then size, flags and the moment at which it expires have to be the same.
struct ItemIdentity {
    std::uint64_t connection = 0;  // its number, which no other has in this worker
    std::uint64_t cas = 0;         // 0: the item cannot be known again
    std::int64_t expires = 0;      // Unix time; 0: never
    std::uint32_t flags = 0;
    std::uint32_t size = 0;

    // memcached says how many seconds are left by a clock of whole seconds that may be one behind.
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

    // What lies here under the key, which is counted as asked for.
    Item look(std::string_view key);

    // Takes a value in, in place of what lies under its key, if it is worth its memory. An item
    // that cannot be known again for sure, or never expires, is not taken. From `sent` on the
    // value's bytes are what is sent to clients.
    void keep(std::string_view key, const ItemIdentity& identity, const BufferRef& value,
              std::size_t sent = 0);

    // It is not what lies in memcached any more.
    void drop(std::string_view key, const ItemIdentity& identity);

    // Bytes that the values, their keys and what finds them take; never more than the size.
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
    Link recent_;                   // from the last asked for to the one that was not the longest
    std::vector<Entry*> in_files_;  // those whose values lie in files of memory
    std::size_t used_;
};

}  // namespace mcache::memcached
