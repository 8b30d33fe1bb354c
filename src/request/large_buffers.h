#pragma once

// The memory of a worker that large bodies take on their way from memcached to clients. Each body
// that is being sent has one part's worth of it from before its header until its end, so that none
// waits for another in mid-stream; the rest is for reading ahead. Who finds no room for his one
// part waits for his turn.

#include <cstddef>

#include "net/operation.h"
#include "ngx/api.h"

namespace mcache::request {

class LargeBuffers {
  public:
    LargeBuffers();
    ~LargeBuffers();
    LargeBuffers(const LargeBuffers&) = delete;
    LargeBuffers& operator=(const LargeBuffers&) = delete;

    // Takes memory of `limit` bytes in all. The first body gets it in any case. Refused while
    // others wait, but for one whose turn it is.
    bool take(std::size_t bytes, std::size_t limit, bool has_turn = false);
    void give_back(std::size_t bytes);

    // The waiter will be called when there may be room, and from time to time.
    void wait(net::GetWaiter& waiter);

  private:
    static void wake_up(ngx_event_t* event);

    std::size_t taken_ = 0;
    net::GetWaiterList waiters_;
    ngx_event_t turn_{};
};

}  // namespace mcache::request
