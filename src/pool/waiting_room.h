#pragma once

// Request coalescing in one worker: requests wait here for a page that is being filled. When this
// worker's fill ends, they get its page. When another worker of the node ends a fill, and every few
// milliseconds (for other nodes), they look again, all at once, so that they share one command.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "memcached/client/operation.h"
#include "ngx/api.h"
#include "pool/worker_wakeup.h"

namespace mcache::request {

// What a waiter is told, as the outcome of its Result.
enum class Wake : std::uint8_t {
    LookAgain,  // Missing: the page has changed
    GoAlone,    // Down: the response is not shared, each request goes to the backend
    // Found: the value as it is stored; cas is of what lay under the key when the fill began,
    // number the moment() of that where no memcached could be asked.
    Made,
};

class WaitingRooms {
  public:
    // Leave to wait for a key's page, for as long as it is kept.
    using Seat = std::shared_ptr<const void>;

    WaitingRooms() = default;
    ~WaitingRooms();
    WaitingRooms(const WaitingRooms&) = delete;
    WaitingRooms& operator=(const WaitingRooms&) = delete;

    // Without one, workers do not wake each other.
    void use(WorkerWakeup& wakeup) { wakeup_ = &wakeup; }

    // Null: too many requests wait for this key.
    Seat take_seat(std::string_view key, std::size_t most);
    // The waiter will be called once, with a Wake. `looked`: when it began to look what lies there,
    // as ngx_current_msec; who looked while a fill ended is told of it too.
    void enter(std::string_view key, ngx_msec_t looked, net::Listener& waiter);
    bool anybody_waits(std::string_view key) const;

    // A fill ended. Of several before the waiters hear of it the strongest counts. The node's other
    // workers are woken too, but where a page was made: they are to be woken when memcached has it.
    void wake(std::string_view key, Wake why, net::Result made = {});

    // For a store that those in other workers wait for: wakes them when it is answered, and is gone
    // then. Null: nobody waits there.
    net::Listener* waker_of_others(std::string_view key);

    // Another worker has woken this one.
    void look_again_at(const WorkerWakeup::Buckets& pending);

    // Counts the moments of this worker: a later one is the larger.
    std::uint64_t moment() { return ++moments_; }

    // Without memcached to elect it, the first request of this worker leads and asks the backend,
    // until it gives up the lead.
    bool lead(std::string_view key);
    void give_up_lead(std::string_view key);

    // Milliseconds since this worker first saw the stub with this CAS. memcached itself counts
    // seconds.
    ngx_msec_t age_of_stub(std::string_view key, std::uint64_t cas);

  private:
    struct Room {
        net::ListenerList waiters;
        Seat seat;  // each that was taken is a copy
        ngx_event_t timer{};
        WaitingRooms* rooms = nullptr;
        std::uint32_t bucket = 0;
        ngx_msec_t interval = 0;      // of looks, in milliseconds
        ngx_msec_t last_entered = 0;  // ngx_current_msec
        ngx_msec_t let_go = 0;        // when those who waited were last told Wake::GoAlone
        std::uint64_t stub = 0;       // CAS of the one that was seen last
        ngx_msec_t stub_seen = 0;     // since when
        bool waking = false;
        bool wake_others = false;  // the other workers of the node are to look too
        bool led = false;
        Wake told = Wake::LookAgain;
        net::Result made;
    };

    static void wake_up(ngx_event_t* timer);
    static bool is_empty(const Room& room);
    static void post(Room& room);

    Room& room_of(std::string_view key);
    const Room* find(std::string_view key) const;

    // Empty rooms are removed when the number of rooms has doubled.
    std::unordered_map<std::string, Room, KeyedHash, std::equal_to<>> rooms_;
    std::size_t sweep_at_ = 64;
    WorkerWakeup* wakeup_ = nullptr;
    std::uint64_t moments_ = 0;

    void sweep();
};

}  // namespace mcache::request
