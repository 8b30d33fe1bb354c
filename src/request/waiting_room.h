#pragma once

// Where the requests of one worker wait for a page that somebody is filling. They are woken when
// the fill of this worker ends, and every few milliseconds to see what came of another's: all at
// once, so that they share one command.

#include <string>
#include <string_view>
#include <unordered_map>

#include "net/operation.h"
#include "ngx/api.h"

namespace mcache::request {

class WaitingRooms {
  public:
    WaitingRooms() = default;
    ~WaitingRooms();
    WaitingRooms(const WaitingRooms&) = delete;
    WaitingRooms& operator=(const WaitingRooms&) = delete;

    // The waiter will be called once; its answer says nothing.
    void enter(std::string_view key, net::GetWaiter& waiter);

    // Something became of the key.
    void wake(std::string_view key);

  private:
    struct Room {
        net::GetWaiterList waiters;
        ngx_event_t timer{};
        bool waking = false;
    };

    static void wake_up(ngx_event_t* timer);

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const {
            return std::hash<std::string_view>{}(key);
        }
    };
    // Rooms that nobody is in are swept out when the number of rooms has doubled.
    std::unordered_map<std::string, Room, Hash, std::equal_to<>> rooms_;
    std::size_t sweep_at_ = 64;

    void sweep();
};

}  // namespace mcache::request
