#pragma once

// Commands as bytes, appended to an OutQueue. A command is a struct, one comment a field; compose()
// is overloaded on it. Source: memcached's doc/protocol.txt.
//
// compose() returns false and appends nothing when the key is illegal or the data is larger than
// the protocol can say. An illegal key must never reach the wire: memcached refuses the line of
// such a set, and then runs its data block as commands.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "memcached/protocol/legal_key.h"
#include "memcached/protocol/out_queue.h"

namespace mcache::memcached {

// An expiration time for the wire: relative up to 30 days, beyond that an absolute Unix time,
// which is how memcached reads a larger number; at most 2^31 - 1. `now` is Unix time.
// Never 0, which means "never expires" (and such an item never wins R): a time of zero or less is
// an error of the caller's, who should not store at all, and becomes one second.
std::uint32_t wire_ttl(std::int64_t seconds_from_now, std::int64_t now);

// ---- meta protocol, 1.6.18 and later --------------------------------------------------------

// mg: answered by VA or HD, or EN. Client flags, TTL, CAS and size are always asked for.
struct MetaGet {
    std::uint32_t opaque = 0;  // O: comes back in the reply
    bool value = true;         // v: false asks for the item's state only, answered by HD
    bool key = false;          // k: the key comes back too
    bool quiet = false;        // q: a miss is not answered
    bool no_bump = false;      // u: leave the item's place in the LRU
    std::uint32_t vivify = 0;  // N: on a miss, create an empty item that lives so long, and win it;
                               // a wire_ttl; 0 does not
    std::uint32_t recache = 0;  // R: win the item when it has less than this to live; a wire_ttl; 0
                                // does not
    std::uint32_t touch = 0;    // T: give it this long to live from now on; a wire_ttl; 0 does not
};

// What becomes of data and an item that is there: M of ms; the verbs set, add, append, replace.
enum class SetMode : std::uint8_t {
    Set,
    Add,      // store only if there is no item
    Append,   // behind its value; its flags and time stay; not stored if there is no item
    Replace,  // store only if there is an item
};

// ms: answered by HD, NS (what the mode asks for is not so), EX or NF (cas: it changed, it is
// gone).
struct MetaSet {
    std::uint32_t opaque = 0;          // O
    std::uint32_t flags = 0;           // F: client flags
    std::uint32_t ttl = 0;             // T: a wire_ttl; 0 never expires
    std::optional<std::uint64_t> cas;  // C: store only if the item still has this CAS
    bool invalidate = false;           // I: with an older CAS, store, but marked stale
    SetMode mode = SetMode::Set;       // ME, MA
    bool return_cas = false;           // c: the new CAS comes back
    bool quiet = false;                // q: success is not answered
};

// md: answered by HD, NF, or EX (the CAS differs).
struct MetaDelete {
    std::uint32_t opaque = 0;          // O
    std::optional<std::uint64_t> cas;  // C: only if the item still has this CAS
    bool invalidate = false;           // I: mark stale and change the CAS instead of deleting
    std::uint32_t ttl = 0;  // T: with invalidate, how long it stays; a wire_ttl; 0 as it was
    bool quiet = false;     // q: success is not answered
};

// ma: answered by VA with the number as data block (or HD), NF, EX, NS.
struct MetaArithmetic {
    std::uint32_t opaque = 0;          // O
    std::uint64_t delta = 1;           // D
    bool decrement = false;            // MD: subtract, never below 0
    bool create = false;               // N and J: create the counter when there is none,
    std::uint32_t create_ttl = 0;      //   to live so long (a wire_ttl; 0 never expires),
    std::uint64_t initial = 0;         //   with this value (the delta is not applied)
    std::uint32_t ttl = 0;             // T: new TTL; a wire_ttl; 0 leaves it
    std::optional<std::uint64_t> cas;  // C: only if the counter still has this CAS
    bool value = true;                 // v: the new number comes back
    bool return_cas = false;           // c: the new CAS comes back
    bool quiet = false;                // q: success is not answered
};

bool compose(OutQueue& queue, std::string_view key, const MetaGet& command);
bool compose(OutQueue& queue, std::string_view key, const MetaDelete& command);
bool compose(OutQueue& queue, std::string_view key, const MetaArithmetic& command);

// The data of a set: copied, or sent from the buffers that it lies in, one behind the other.
bool compose(OutQueue& queue, std::string_view key, const MetaSet& command, std::string_view data);
bool compose(OutQueue& queue, std::string_view key, const MetaSet& command,
             std::span<const BufferSlice> data);

// mn: answered by MN when everything before it has been answered.
void compose_noop(OutQueue& queue);

// ---- classic text protocol ------------------------------------------------------------------

// get, gets: Expect::Get.
struct ClassicGet {
    bool with_cas = true;  // gets: the CAS comes back
};

// Expect::Store.
struct ClassicSet {
    SetMode mode = SetMode::Set;
    std::uint32_t flags = 0;
    std::uint32_t ttl = 0;             // a wire_ttl; 0 never expires
    std::optional<std::uint64_t> cas;  // Set: store only if the item still has this CAS
};

// Expect::Delete.
struct ClassicDelete {};

// Expect::Count.
struct ClassicIncr {
    std::uint64_t delta = 1;
};

// Expect::Touch.
struct ClassicTouch {
    std::uint32_t ttl = 0;  // a wire_ttl; 0 never expires
};

bool compose(OutQueue& queue, std::string_view key, const ClassicGet& command);
bool compose(OutQueue& queue, std::string_view key, const ClassicDelete& command);
bool compose(OutQueue& queue, std::string_view key, const ClassicIncr& command);
bool compose(OutQueue& queue, std::string_view key, const ClassicTouch& command);
bool compose(OutQueue& queue, std::string_view key, const ClassicSet& command,
             std::string_view data);
bool compose(OutQueue& queue, std::string_view key, const ClassicSet& command,
             std::span<const BufferSlice> data);

// version: answered by VERSION in both protocols (Expect::Version).
void compose_version(OutQueue& queue);

// stats: see stats_reply.h.
void compose_stats(OutQueue& queue);

}  // namespace mcache::memcached
