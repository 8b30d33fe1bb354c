#pragma once

// A worker's memory for large bodies on their way from memcached to clients.
//
// For a page in parts, each client reserves memory for one part before the header is sent, so that
// it never waits in mid-stream. The rest is for read-ahead. A page in one item is counted once for
// all its clients.
//
// One connection may use an eighth of the memory, or one value; otherwise one client with HTTP/2
// streams could use all. A request beyond that waits for the others of its connection. A response
// that cannot reserve memory waits in line, and stalled clients then drop their read-ahead. After a
// timeout further requests are refused at once, until memory is free.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/spare_node.h"
#include "memcached/client/operation.h"
#include "ngx/api.h"

namespace mcache::request {

class LargeBuffers {
  public:
    // The connection of a client, shared by its streams. Null for a subrequest: it must not wait
    // for memory that its own main request may hold.
    using Client = const ngx_connection_t*;
    static Client client_of(const ngx_http_request_t* r);

    enum class Room : std::uint8_t {
        Granted,
        OwnTaken,  // the connection has used its share
        Taken,     // used by others, or others wait
    };

    LargeBuffers();
    ~LargeBuffers();
    LargeBuffers(const LargeBuffers&) = delete;
    LargeBuffers& operator=(const LargeBuffers&) = delete;

    // Reserves memory of a total of `limit` bytes. The first body always succeeds. Refused while
    // others wait, except for the next in line.
    Room take(Client client, std::size_t bytes, std::size_t limit, bool has_turn = false);
    void give_back(Client client, std::size_t bytes);

    // The same for a value that may already be shared with other clients.
    Room hold(Client client, const Buffer& value, std::size_t limit, bool has_turn = false);
    void let_go(Client client, const Buffer& value);

    // While others wait, the reader is called (without a reply) to release its read-ahead.
    void enter(net::Listener& reader) { readers_.push(reader); }

    // The waiter is called when memory may be free, and from time to time.
    void wait(Client client, Room refused, net::Listener& waiter);
    // A waiter has timed out.
    void note_wait_in_vain() { in_vain_ = true; }
    bool is_in_vain() const { return in_vain_; }

  private:
    // Of a connection.
    struct Share {
        std::size_t taken = 0;
        net::ListenerList waiters;
        bool has_room = false;  // since they began to wait
    };
    using Holders = std::vector<std::pair<Client, unsigned>>;  // and how often
    using Shares = std::unordered_map<Client, Share>;
    using Held = std::unordered_map<const Buffer*, Holders>;

    static void wake_up(ngx_event_t* event);
    Room grant(Client client, std::size_t of_client, std::size_t of_all, std::size_t limit,
               bool has_turn);
    void put_back(Client client, std::size_t of_client, std::size_t of_all);
    void ask_readers();
    void post_turn();

    std::size_t taken_ = 0;
    bool in_vain_ = false;
    Shares shares_;
    SpareNode<Shares> spare_share_;
    Held held_;
    SpareNode<Held> spare_holders_;
    net::ListenerList readers_;
    net::ListenerList waiters_;
    ngx_event_t turn_{};
};

// Memory reserved for the lifetime of this object: of a value, or for one that will be read.
class HeldMemory {
  public:
    HeldMemory() = default;
    ~HeldMemory() { (void)let_go(); }
    HeldMemory(const HeldMemory&) = delete;
    HeldMemory& operator=(const HeldMemory&) = delete;

    LargeBuffers::Room hold(LargeBuffers& buffers, LargeBuffers::Client client,
                            const BufferRef& value, std::size_t limit, bool has_turn);
    LargeBuffers::Room reserve(LargeBuffers& buffers, LargeBuffers::Client client,
                               std::size_t bytes, std::size_t limit, bool has_turn);
    // Whether memory was released.
    bool let_go() { return buffers_ != nullptr && give_back(); }

  private:
    bool give_back();

    LargeBuffers* buffers_ = nullptr;  // null: none
    LargeBuffers::Client client_ = nullptr;
    BufferRef value_;
    std::size_t bytes_ = 0;  // without a value
};

}  // namespace mcache::request
