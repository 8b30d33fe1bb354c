#include "pool/large_buffers.h"

#include <algorithm>

#include "ngx/guard.h"

namespace mcache::request {

namespace {

constexpr ngx_msec_t kLookAgain = 200;

// Number of connections that can use their whole share at the same time.
constexpr std::size_t kShares = 8;

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

LargeBuffers::Client LargeBuffers::client_of(const ngx_http_request_t* r) {
    if (r != r->main) {
        return nullptr;
    }
#if (NGX_HTTP_V2)
    if (r->stream != nullptr) {
        return r->stream->connection->connection;
    }
#endif
#if (NGX_HTTP_V3)
    if (r->connection->quic != nullptr) {
        return r->connection->quic->parent;
    }
#endif
    return r->connection;
}

// ---- memory -----------------------------------------------------------------------------------

LargeBuffers::Room LargeBuffers::grant(Client client, std::size_t of_client, std::size_t of_all,
                                       std::size_t limit, bool has_turn) {
    const auto own = shares_.find(client);
    const std::size_t has = own == shares_.end() ? 0 : own->second.taken;
    if (client != nullptr && has != 0 && has + of_client > limit / kShares) {
        return Room::OwnTaken;
    }
    const bool fits = taken_ == 0 || of_all == 0 || (taken_ <= limit && of_all <= limit - taken_);
    if (!fits || (!has_turn && of_all != 0 && !waiters_.empty())) {
        return Room::Taken;
    }
    Share& share = own == shares_.end() ? spare_share_.value_of(shares_, client) : own->second;
    share.taken += of_client;
    taken_ += of_all;
    return Room::Granted;
}

void LargeBuffers::put_back(Client client, std::size_t of_client, std::size_t of_all) {
    const auto own = shares_.find(client);
    Share& share = own->second;
    share.taken -= of_client;
    share.has_room = !share.waiters.empty();
    taken_ -= of_all;
    if (of_all != 0) {
        in_vain_ = false;
    }
    if (share.has_room || !waiters_.empty()) {
        post_turn();
    }
    if (share.taken == 0 && share.waiters.empty()) {
        spare_share_.erase(shares_, own);
    }
}

LargeBuffers::Room LargeBuffers::take(Client client, std::size_t bytes, std::size_t limit,
                                      bool has_turn) {
    return grant(client, bytes, bytes, limit, has_turn);
}

void LargeBuffers::give_back(Client client, std::size_t bytes) {
    put_back(client, bytes, bytes);
}

LargeBuffers::Room LargeBuffers::hold(Client client, const Buffer& value, std::size_t limit,
                                      bool has_turn) {
    Holders& holders = spare_holders_.value_of(held_, &value);
    const auto own = std::find_if(holders.begin(), holders.end(),
                                  [=](const auto& holder) { return holder.first == client; });
    if (own != holders.end()) {
        ++own->second;
        return Room::Granted;
    }
    const bool is_first = holders.empty();
    holders.reserve(holders.size() + 1);
    const Room room = grant(client, value.size(), is_first ? value.size() : 0, limit, has_turn);
    if (room == Room::Granted) {
        holders.emplace_back(client, 1);
    } else if (is_first) {
        spare_holders_.erase(held_, held_.find(&value));
    }
    return room;
}

void LargeBuffers::let_go(Client client, const Buffer& value) {
    const auto held = held_.find(&value);
    Holders& holders = held->second;
    const auto own = std::find_if(holders.begin(), holders.end(),
                                  [=](const auto& holder) { return holder.first == client; });
    if (--own->second != 0) {
        return;
    }
    holders.erase(own);
    const bool was_last = holders.empty();
    if (was_last) {
        spare_holders_.erase(held_, held);
    }
    put_back(client, value.size(), was_last ? value.size() : 0);
}

LargeBuffers::Room HeldMemory::hold(LargeBuffers& buffers, LargeBuffers::Client client,
                                    const BufferRef& value, std::size_t limit, bool has_turn) {
    (void)let_go();
    const LargeBuffers::Room room = buffers.hold(client, *value, limit, has_turn);
    if (room == LargeBuffers::Room::Granted) {
        buffers_ = &buffers;
        client_ = client;
        value_ = value;
    }
    return room;
}

LargeBuffers::Room HeldMemory::reserve(LargeBuffers& buffers, LargeBuffers::Client client,
                                       std::size_t bytes, std::size_t limit, bool has_turn) {
    (void)let_go();
    const LargeBuffers::Room room = buffers.take(client, bytes, limit, has_turn);
    if (room == LargeBuffers::Room::Granted) {
        buffers_ = &buffers;
        client_ = client;
        bytes_ = bytes;
    }
    return room;
}

bool HeldMemory::give_back() {
    LargeBuffers& buffers = *std::exchange(buffers_, nullptr);
    if (value_) {
        buffers.let_go(client_, *value_);
        value_ = BufferRef();
    } else {
        buffers.give_back(client_, bytes_);
    }
    return true;
}

// ---- turns ------------------------------------------------------------------------------------

void LargeBuffers::ask_readers() {
    net::ListenerList asked;
    asked.take(readers_);
    while (net::Listener* reader = asked.pop()) {
        readers_.push(*reader);
        reader->tell(net::Result{});
    }
}

void LargeBuffers::post_turn() {
    if (!turn_.posted) {
        ngx_post_event(&turn_, &ngx_posted_events);
    }
}

void LargeBuffers::wait(Client client, Room refused, net::Listener& waiter) {
    (refused == Room::OwnTaken ? shares_[client].waiters : waiters_).push(waiter);
    if (!turn_.timer_set) {
        turn_.handler = ngx::Guard<wake_up>::call;
        turn_.log = ngx_cycle->log;
        ngx_add_timer(&turn_, kLookAgain);
        ask_readers();
    }
}

// Waiters without memory wait again, in the same order.
void LargeBuffers::wake_up(ngx_event_t* event) {
    auto& buffers = *static_cast<LargeBuffers*>(event->data);
    const bool all = event->timedout;
    event->timedout = 0;
    net::ListenerList woken;
    woken.take(buffers.waiters_);
    for (auto& [client, share] : buffers.shares_) {
        while (all || share.has_room) {
            net::Listener* waiter = share.waiters.pop();
            if (waiter == nullptr) {
                share.has_room = false;
                break;
            }
            woken.push(*waiter);
        }
    }
    std::erase_if(buffers.shares_, [](const auto& share) {
        return share.second.taken == 0 && share.second.waiters.empty();
    });
    while (net::Listener* waiter = woken.pop()) {
        waiter->tell(net::Result{});
    }
}

}  // namespace mcache::request
