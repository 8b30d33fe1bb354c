#include "request/waiting_room.h"

#include <algorithm>

#include "ngx/guard.h"

namespace mcache::request {

namespace {

// Each worker looks again after another time, so that a fleet does not ask in step.
ngx_msec_t next_look() {
    constexpr ngx_msec_t kShortest = 5;
    return kShortest + static_cast<ngx_msec_t>(ngx_random()) % kShortest;
}

}  // namespace

WaitingRooms::~WaitingRooms() {
    for (auto& [key, room] : rooms_) {
        if (room.timer.timer_set) {
            ngx_del_timer(&room.timer);
        }
        if (room.timer.posted) {
            ngx_delete_posted_event(&room.timer);
        }
    }
}

void WaitingRooms::enter(std::string_view key, net::GetWaiter& waiter) {
    auto found = rooms_.find(key);
    if (found == rooms_.end()) {
        sweep();
        found = rooms_.try_emplace(std::string(key)).first;
        Room& room = found->second;
        room.timer.data = &room;
        room.timer.handler = ngx::Guard<wake_up>::call;
        room.timer.log = ngx_cycle->log;
    }
    Room& room = found->second;
    room.waiters.push(waiter);
    if (!room.timer.timer_set && !room.timer.posted) {
        ngx_add_timer(&room.timer, next_look());
    }
}

void WaitingRooms::wake(std::string_view key) {
    const auto found = rooms_.find(key);
    if (found == rooms_.end() || found->second.waiters.empty()) {
        return;
    }
    // Not from within the request whose fill ended.
    ngx_event_t& timer = found->second.timer;
    if (timer.timer_set) {
        ngx_del_timer(&timer);
    }
    if (!timer.posted) {
        ngx_post_event(&timer, &ngx_posted_events);
    }
}

// Whoever is woken asks memcached before it can enter again, so this ends.
void WaitingRooms::wake_up(ngx_event_t* timer) {
    Room& room = *static_cast<Room*>(timer->data);
    room.waking = true;
    while (net::GetWaiter* waiter = room.waiters.pop()) {
        waiter->answered(net::Answer{});
    }
    room.waking = false;
}

void WaitingRooms::sweep() {
    if (rooms_.size() < sweep_at_) {
        return;
    }
    std::erase_if(rooms_, [](const auto& entry) {
        const Room& room = entry.second;
        return room.waiters.empty() && !room.timer.timer_set && !room.timer.posted && !room.waking;
    });
    sweep_at_ = std::max<std::size_t>(64, 2 * rooms_.size());
}

}  // namespace mcache::request
