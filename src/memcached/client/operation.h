#pragma once

// Commands under way. An Operation belongs to the connection whose queue it stands in, never to a
// request: a request that goes away takes its Listener out of the list, the operation keeps its
// place in the pipeline, and the late reply is read and dropped.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "local/local_tier.h"
#include "memcached/protocol/command.h"
#include "memcached/protocol/out_queue.h"
#include "memcached/protocol/reply.h"
#include "ngx/api.h"
#include "ngx/guard.h"

namespace mcache::net {

class Dialect;
class Server;

using ServerIndex = std::size_t;  // into PoolOptions::servers

// A server that is asked for a key.
struct Place {
    ServerIndex server = 0;
    bool gutter = false;  // in the place of those where the key belongs, none of which is in use
};

enum class Outcome : std::uint8_t {
    Found,
    Missing,
    Down,     // not reachable, or not in use (Health)
    Timeout,  // reachable, but no reply in time
    Garbage,  // it replied something that is not the answer
    Refused,  // it answered this command with an error
    Busy,     // not asked: as many commands as may be wait for it already
};

// What memcached said of one key.
struct Result {
    // Lock: Found when it was won, Missing when another has it. Store, Remove: Found when it was
    // done, Missing when memcached declined (see Client).
    Outcome outcome = Outcome::Down;
    std::uint64_t number = 0;  // Count
    BufferRef value;           // Found: exactly the value's bytes
    std::uint32_t size = 0;  // Found: of the value, also where only the item's facts were asked for
    std::uint32_t flags = 0;  // Found: client flags
    std::uint64_t cas = 0;    // Found
    bool won = false;         // Found: the stub that a get with a lease made, for this listener
    bool leased = false;      // Found: it is a stub, made for this or another party
    bool stale = false;       // Found: it was marked so since it was stored (md with I)
    std::int64_t ttl = -1;    // Found: seconds left, -1 for ever
    const Server* server = nullptr;  // whom the key belongs to
    std::uint64_t life = 0;          // see Client::connections_established(), when it was asked
    std::uint64_t connection = 0;    // Found: over which it came, see Client::number_connection()
    bool local = false;              // the value was in the worker's memory
    ngx_msec_t lookup_time = 0;      // from submission to reply
};

// By what the item is known again.
inline memcached::ItemIdentity identity_of(const Result& result) {
    memcached::ItemIdentity identity;
    identity.connection = result.connection;
    identity.cas = result.cas;
    identity.expires = result.ttl < 0 ? 0 : ngx_time() + result.ttl;
    identity.flags = result.flags;
    identity.size = result.size;
    return identity;
}

// A place in a list of listeners.
class ListenerNode {
  public:
    ListenerNode() = default;
    ListenerNode(const ListenerNode&) = delete;
    ListenerNode& operator=(const ListenerNode&) = delete;

  protected:
    ~ListenerNode() { detach(); }

  private:
    friend class ListenerList;

    void detach() {
        if (next_ != nullptr) {
            previous_->next_ = next_;
            next_->previous_ = previous_;
            next_ = previous_ = nullptr;
        }
    }

    ListenerNode* previous_ = nullptr;
    ListenerNode* next_ = nullptr;
};

// A party that waits for one Result. Destroying it while it waits detaches it.
class Listener : public ListenerNode {
  public:
    virtual void answered(const Result& result) = 0;

    // Calls answered(). What one party throws must not cost the others their answers.
    void tell(const Result& result) noexcept {
        try {
            answered(result);
        } catch (const std::exception& error) {
            ngx::log_exception(error.what());
        } catch (...) {
            ngx::log_exception("not a std::exception");
        }
    }

  protected:
    ~Listener() = default;
};

// First in, first out. Waking one listener may destroy any other: always take the head anew.
class ListenerList {
  public:
    ListenerList() { head_.previous_ = head_.next_ = &head_; }

    bool empty() const { return head_.next_ == &head_; }

    void push(Listener& listener) {
        ListenerNode& node = listener;
        node.previous_ = head_.previous_;
        node.next_ = &head_;
        head_.previous_->next_ = &node;
        head_.previous_ = &node;
    }

    // All of `other`, which is empty then. This list has to be.
    void take(ListenerList& other) {
        if (!other.empty()) {
            head_.next_ = other.head_.next_;
            head_.previous_ = other.head_.previous_;
            head_.next_->previous_ = head_.previous_->next_ = &head_;
            other.head_.next_ = other.head_.previous_ = &other.head_;
        }
    }

    Listener* pop() {
        if (empty()) {
            return nullptr;
        }
        ListenerNode* node = head_.next_;
        node->detach();
        return static_cast<Listener*>(node);
    }

  private:
    struct Head final : ListenerNode {
    } head_;
};

// A value to be stored: its parts in order, sent from where they lie.
struct StoreCommand {
    static constexpr std::int64_t kForever = 0;

    memcached::SetMode mode = memcached::SetMode::Set;
    std::uint32_t flags = 0;      // client flags
    std::int64_t ttl = kForever;  // seconds from now
    std::vector<memcached::BufferSlice> parts;
    std::optional<std::uint64_t> cas;  // Set: store only if the item still has it
    std::uint64_t life = 0;            // of the answer that the CAS is from; 0: of any
    bool bulk = false;                 // see Client::get_bulk()

    std::size_t size() const {
        std::size_t sum = 0;
        for (const memcached::BufferSlice& part : parts) {
            sum += part.size;
        }
        return sum;
    }
    std::uint32_t wire_ttl(std::int64_t now) const {
        return ttl == kForever ? 0 : memcached::wire_ttl(ttl, now);
    }
};

struct RemoveCommand {
    std::optional<std::uint64_t> cas;  // only if the item still has it
    std::uint64_t life = 0;            // of the answer that the CAS is from; 0: of any
    // Marks the item stale and gives it so many seconds to live, 0: as it was, instead of removing
    // it. The classic protocol cannot, and removes.
    std::optional<std::int64_t> stale_for;
    bool bulk = false;  // of a value that was stored so, and comes after it
};

struct Operation {
    enum class Kind : std::uint8_t {
        Get,
        Peek,  // of an item without its value
        Store,
        Remove,
        Lock,  // adds an empty item: whoever succeeds holds the lock until it expires or is removed
        Count,  // adds one to a counter that begins with 1
        Stats,  // what the server says of itself
    };

    Kind kind = Kind::Get;
    std::uint32_t opaque = 0;
    ServerIndex server = 0;
    ngx_msec_t submitted = 0;
    ngx_msec_t deadline = 0;
    Operation* next = nullptr;            // in its queue
    Operation* next_in_bucket = nullptr;  // among those that may be joined
    bool joinable = false;
    std::uint16_t bucket = 0;    // the one that it stands in
    bool bulk = false;           // goes over the connection for large values
    Dialect* dialect = nullptr;  // that it was composed in

    std::uint16_t key_size = 0;
    std::array<char, memcached::kMaxKeySize> key_bytes;
    Result result;
    ListenerList listeners;  // Get, Peek, Lock: any number; else one or none
    StoreCommand store;      // Store
    RemoveCommand remove;    // Remove
    std::int64_t ttl = 0;    // Lock, Count: seconds; Get, Peek: of the lease, 0: none

    bool with_cas = false;  // it was asked in a way that a CAS comes with the item

    // The classic protocol, where some take more than one command (classic_dialect.h).
    memcached::Expect expect = memcached::Expect::Get;  // what answers the one that comes next
    bool added = false;                                 // Get, Lock, Count: there was an `add`
    bool look_follows = false;                          // behind the `add`

    // May have a condition.
    bool conditional() const { return kind == Kind::Store || kind == Kind::Remove; }
    // What the item is to be still; nothing: it may be anything.
    const std::optional<std::uint64_t>& condition() const {
        return kind == Kind::Store ? store.cas : remove.cas;
    }

    // A lookup, of a page or of its facts.
    bool looks() const { return kind == Kind::Get || kind == Kind::Peek; }
    // Whether it may be carried out over the connection that was the n-th to be made. A memcached
    // that was started anew counts its CAS anew, and another item may have the same: a connection
    // that was made when the CAS was asked for leads to the memcached that gave it.
    bool fits_life_of(std::uint64_t n) const {
        const std::uint64_t life = kind == Kind::Store    ? store.life
                                   : kind == Kind::Remove ? remove.life
                                                          : 0;
        return life == 0 || n <= life;
    }
    // May be sent again when nobody knows whether it was carried out.
    bool repeatable() const {
        return kind != Kind::Lock && kind != Kind::Count && kind != Kind::Stats;
    }

    std::string_view key() const { return {key_bytes.data(), key_size}; }
};

// Operations in the order in which their replies will come.
class OperationQueue {
  public:
    bool empty() const { return head_ == nullptr; }
    Operation* front() const { return head_; }

    void push(Operation* operation) {
        operation->next = nullptr;
        (head_ == nullptr ? head_ : tail_->next) = operation;
        tail_ = operation;
    }

    Operation* pop() {
        Operation* operation = head_;
        head_ = operation->next;
        return operation;
    }

    // Takes everything out of `other`.
    void append(OperationQueue& other) {
        if (!other.empty()) {
            (head_ == nullptr ? head_ : tail_->next) = other.head_;
            tail_ = other.tail_;
            other.head_ = nullptr;
        }
    }

  private:
    Operation* head_ = nullptr;
    Operation* tail_ = nullptr;
};

}  // namespace mcache::net
