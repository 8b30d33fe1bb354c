#include "request/large_buffers.h"

#include "ngx/guard.h"

namespace mcache::request {

namespace {

constexpr ngx_msec_t kLookAgain = 200;

}  // namespace

LargeBuffers::LargeBuffers() {
    turn_.data = this;
}

LargeBuffers::~LargeBuffers() {
    if (turn_.timer_set) {
        ngx_del_timer(&turn_);
    }
    if (turn_.posted) {
        ngx_delete_posted_event(&turn_);
    }
}

bool LargeBuffers::take(std::size_t bytes, std::size_t limit, bool has_turn) {
    const bool fits = taken_ == 0 || (taken_ <= limit && bytes <= limit - taken_);
    if (!fits || (!has_turn && !waiters_.empty())) {
        return false;
    }
    taken_ += bytes;
    return true;
}

void LargeBuffers::give_back(std::size_t bytes) {
    taken_ -= bytes;
    in_vain_ = false;
    if (!waiters_.empty() && !turn_.posted) {
        ngx_post_event(&turn_, &ngx_posted_events);
    }
}

void LargeBuffers::ask_readers() {
    net::GetWaiterList asked;
    asked.take(readers_);
    while (net::GetWaiter* reader = asked.pop()) {
        readers_.push(*reader);
        reader->answered(net::Answer{});
    }
}

void LargeBuffers::wait(net::GetWaiter& waiter) {
    waiters_.push(waiter);
    if (!turn_.timer_set) {
        turn_.handler = ngx::Guard<wake_up>::call;
        turn_.log = ngx_cycle->log;
        ngx_add_timer(&turn_, kLookAgain);
        ask_readers();
    }
}

void LargeBuffers::wake_up(ngx_event_t* event) {
    auto& buffers = *static_cast<LargeBuffers*>(event->data);
    net::GetWaiterList woken;
    woken.take(buffers.waiters_);  // who finds no room waits again, in the same order
    while (net::GetWaiter* waiter = woken.pop()) {
        waiter->answered(net::Answer{});
    }
}

}  // namespace mcache::request
