#pragma once

// The memory of a worker that large bodies take on their way from memcached to clients. Each body
// that is being sent has one part's worth of it from before its header until its end, so that none
// waits for another in mid-stream; the rest is for reading ahead. Who finds no room for his one
// part waits for his turn: clients that have stalled then give up what was read ahead for them, and
// where one has waited in vain the next ones do not, until something comes free.

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

    // Whenever others wait, the reader will be called (without an answer) to give back what its
    // client has no use for yet.
    void enter(net::GetWaiter& reader) { readers_.push(reader); }

    // The waiter will be called when there may be room, and from time to time.
    void wait(net::GetWaiter& waiter);
    // One has waited as long as it may.
    void note_wait_in_vain() { in_vain_ = true; }
    bool is_in_vain() const { return in_vain_; }

  private:
    static void wake_up(ngx_event_t* event);
    void ask_readers();

    std::size_t taken_ = 0;
    bool in_vain_ = false;
    net::GetWaiterList readers_;
    net::GetWaiterList waiters_;
    ngx_event_t turn_{};
};

}  // namespace mcache::request
