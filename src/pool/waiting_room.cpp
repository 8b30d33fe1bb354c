#include "pool/waiting_room.h"

#include <algorithm>
#include <new>
#include <utility>

#include "ngx/clock.h"
#include "ngx/guard.h"

namespace mcache::request {

namespace {

constexpr ngx_msec_t kFirstInterval = 5;
constexpr ngx_msec_t kLongestInterval = 40;
constexpr ngx_msec_t kPause = 1000;  // who comes later than this waits for another fill

// Jitter, so that workers don't poll in lockstep.
ngx_msec_t jittered(ngx_msec_t interval) {
    return interval / 2 + static_cast<ngx_msec_t>(ngx_random()) % (interval / 2 + 1);
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

WaitingRooms::Room& WaitingRooms::room_of(std::string_view key) {
    auto found = rooms_.find(key);
    if (found == rooms_.end()) {
        sweep();
        found = rooms_.try_emplace(std::string(key)).first;
        Room& room = found->second;
        room.seat = std::make_shared<char>();
        room.rooms = this;
        room.bucket = WorkerWakeup::bucket_of(key);
        room.timer.data = &room;
        room.timer.handler = ngx::Guard<wake_up>::call;
        room.timer.log = ngx_cycle->log;
    }
    return found->second;
}

const WaitingRooms::Room* WaitingRooms::find(std::string_view key) const {
    if (rooms_.empty()) {
        return nullptr;  // and no key is hashed
    }
    const auto found = rooms_.find(key);
    return found == rooms_.end() ? nullptr : &found->second;
}

WaitingRooms::Seat WaitingRooms::take_seat(std::string_view key, std::size_t most) {
    const Seat& seat = room_of(key).seat;
    return static_cast<std::size_t>(seat.use_count()) <= most ? seat : nullptr;
}

void WaitingRooms::enter(std::string_view key, ngx_msec_t looked, net::Listener& waiter) {
    Room& room = room_of(key);
    if (room.let_go != 0 && !ngx::is_before(room.let_go, looked)) {
        room.told = std::max(room.told, Wake::GoAlone);
        post(room);
    }
    if (ngx_current_msec - room.last_entered > kPause) {
        room.interval = 0;
    }
    room.last_entered = ngx_current_msec;
    room.waiters.push(waiter);
    if (wakeup_ != nullptr) {
        wakeup_->wait(room.bucket);
    }
    if (!room.timer.timer_set && !room.timer.posted) {
        room.interval = std::clamp(room.interval * 3 / 2, 2 * kFirstInterval, kLongestInterval);
        ngx_add_timer(&room.timer, jittered(room.interval));
    }
}

bool WaitingRooms::anybody_waits(std::string_view key) const {
    const Room* room = find(key);
    return room != nullptr && !room->waiters.empty();
}

// Runs outside of the request whose fill ended, after its store was sent.
void WaitingRooms::post(Room& room) {
    if (room.timer.timer_set) {
        ngx_del_timer(&room.timer);
    }
    if (!room.timer.posted) {
        ngx_post_event(&room.timer, &ngx_posted_events);
    }
}

void WaitingRooms::wake(std::string_view key, Wake why, net::Result made) {
    const Room* found = find(key);
    // Requests that are just looking are not in the room, and come back.
    const bool here = found != nullptr;
    if (!here && (wakeup_ == nullptr || !wakeup_->awaited(WorkerWakeup::bucket_of(key)))) {
        return;
    }
    if (!here) {
        try {
            (void)room_of(key);
        } catch (const std::bad_alloc&) {  // also from destructors: nothing may be thrown
            wakeup_->wake(WorkerWakeup::bucket_of(key));
            return;
        }
    }
    Room& room = rooms_.find(key)->second;
    room.wake_others = room.wake_others || why != Wake::Made;
    room.interval = 0;
    if (why > room.told) {
        room.told = why;
        room.made = std::move(made);
    }
    if (why == Wake::GoAlone) {
        room.let_go = ngx_current_msec;
    }
    post(room);
}

net::Listener* WaitingRooms::waker_of_others(std::string_view key) {
    class Waker final : public net::Listener {
      public:
        Waker(WorkerWakeup& wakeup, std::uint32_t bucket) : wakeup_(wakeup), bucket_(bucket) {}
        void answered(const net::Result&) override {
            wakeup_.wake(bucket_);
            delete this;
        }

      private:
        WorkerWakeup& wakeup_;
        std::uint32_t bucket_;
    };
    const std::uint32_t bucket = WorkerWakeup::bucket_of(key);
    if (wakeup_ == nullptr || !wakeup_->awaited(bucket)) {
        return nullptr;
    }
    return new (std::nothrow) Waker(*wakeup_, bucket);
}

void WaitingRooms::look_again_at(const WorkerWakeup::Buckets& pending) {
    for (auto& [key, room] : rooms_) {
        if (!room.waiters.empty() && pending[room.bucket]) {
            room.interval = 0;
            post(room);
        }
    }
}

void WaitingRooms::wake_up(ngx_event_t* timer) {
    Room& room = *static_cast<Room*>(timer->data);
    net::Result told = std::exchange(room.made, net::Result{});
    switch (std::exchange(room.told, Wake::LookAgain)) {
        case Wake::LookAgain:
            told.outcome = net::Outcome::Missing;
            break;
        case Wake::GoAlone:
            told.outcome = net::Outcome::Down;
            break;
        case Wake::Made:
            told.outcome = net::Outcome::Found;
            break;
    }
    if (std::exchange(room.wake_others, false) && room.rooms->wakeup_ != nullptr) {
        room.rooms->wakeup_->wake(room.bucket);
    }
    room.waking = true;
    net::ListenerList woken;
    woken.take(room.waiters);  // a waiter that enters again is not woken twice
    while (net::Listener* waiter = woken.pop()) {
        waiter->tell(told);
    }
    room.waking = false;
}

bool WaitingRooms::lead(std::string_view key) {
    return !std::exchange(room_of(key).led, true);
}

void WaitingRooms::give_up_lead(std::string_view key) {
    if (const auto found = rooms_.find(key); found != rooms_.end()) {
        found->second.led = false;
    }
}

ngx_msec_t WaitingRooms::age_of_stub(std::string_view key, std::uint64_t cas) {
    Room& room = room_of(key);
    if (room.stub != cas) {
        room.stub = cas;
        room.stub_seen = ngx_current_msec;
    }
    return ngx_current_msec - room.stub_seen;
}

bool WaitingRooms::is_empty(const Room& room) {
    return room.waiters.empty() && room.seat.use_count() == 1 && !room.timer.timer_set &&
           !room.timer.posted && !room.waking && !room.led;
}

void WaitingRooms::sweep() {
    if (rooms_.size() < sweep_at_) {
        return;
    }
    std::erase_if(rooms_, [](const auto& entry) { return is_empty(entry.second); });
    sweep_at_ = std::max<std::size_t>(64, 2 * rooms_.size());
}

}  // namespace mcache::request
