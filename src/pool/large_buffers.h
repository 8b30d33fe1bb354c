#pragma once

// The memory of a worker that large bodies take on their way from memcached to clients.
//
// Of a page in parts, each client has one part's worth of it from before the header until the end,
// so that none waits for another in mid-stream; the rest is for reading ahead. A page in one item
// is counted once, however many clients it is being sent to.
//
// One connection may have an eighth of it, or one value: with the streams of HTTP/2 a single client
// would otherwise take all. A request beyond that waits for the others of its connection. A request
// that finds no room at all waits in line: clients that have stalled then give up what was read
// ahead for them, and where one has waited in vain the next ones do not, until something comes
// free.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "memcached/client/operation.h"
#include "ngx/api.h"

namespace mcache::request {

class LargeBuffers {
  public:
    // The connection of a client, which its streams share. Null for a subrequest, which has no
    // share: the request that it is part of may hold what it would wait for.
    using Client = const ngx_connection_t*;
    static Client client_of(const ngx_http_request_t* r);

    enum class Room : std::uint8_t {
        Granted,
        OwnTaken,  // the connection has its share
        Taken,     // by others, or others wait
    };

    LargeBuffers();
    ~LargeBuffers();
    LargeBuffers(const LargeBuffers&) = delete;
    LargeBuffers& operator=(const LargeBuffers&) = delete;

    // Takes memory of `limit` bytes in all. The first body gets it in any case. Refused while
    // others wait, but for one whose turn it is.
    Room take(Client client, std::size_t bytes, std::size_t limit, bool has_turn = false);
    void give_back(Client client, std::size_t bytes);

    // The same for a value, which other clients may be being sent already.
    Room hold(Client client, const Buffer& value, std::size_t limit, bool has_turn = false);
    void let_go(Client client, const Buffer& value);

    // Whenever others wait, the reader will be called (without an answer) to give back what its
    // client has no use for yet.
    void enter(net::Listener& reader) { readers_.push(reader); }

    // The waiter will be called when there may be what was refused, and from time to time.
    void wait(Client client, Room refused, net::Listener& waiter);
    // One has waited as long as it may.
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

    static void wake_up(ngx_event_t* event);
    Room grant(Client client, std::size_t of_client, std::size_t of_all, std::size_t limit,
               bool has_turn);
    void put_back(Client client, std::size_t of_client, std::size_t of_all);
    void ask_readers();
    void post_turn();

    std::size_t taken_ = 0;
    bool in_vain_ = false;
    std::unordered_map<Client, Share> shares_;
    std::unordered_map<const Buffer*, Holders> held_;
    net::ListenerList readers_;
    net::ListenerList waiters_;
    ngx_event_t turn_{};
};

// Memory that is taken for as long as this exists: a value's, or room for one that is to come.
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
    // Whether there was any.
    bool let_go() { return buffers_ != nullptr && give_back(); }

  private:
    bool give_back();

    LargeBuffers* buffers_ = nullptr;  // null: none
    LargeBuffers::Client client_ = nullptr;
    BufferRef value_;
    std::size_t bytes_ = 0;  // without a value
};

}  // namespace mcache::request
