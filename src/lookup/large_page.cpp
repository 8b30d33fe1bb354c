#include "lookup/large_page.h"

#include <utility>

#include "hit/part_reader.h"
#include "request/context.h"

namespace mcache::request {

using http::Reason;
using Room = LargeBuffers::Room;

namespace {

// How long a request waits for memory for its large page.
class TurnsForMemory {
  public:
    explicit TurnsForMemory(Context& context)
        : buffers_(context.conf().pool->large_buffers()), longest_(context.conf().lock_timeout) {}

    bool may_wait(Room refused) const {
        const bool in_vain = refused == Room::Taken && buffers_.is_in_vain();
        return refused != Room::Granted && !in_vain && !is_over();
    }
    void refused_again(Room refused) const {
        if (refused == Room::Taken && is_over()) {
            buffers_.note_wait_in_vain();
        }
    }

  private:
    bool is_over() const { return ngx_current_msec - began_ >= longest_; }

    LargeBuffers& buffers_;
    const ngx_msec_t longest_;
    const ngx_msec_t began_ = ngx_current_msec;
};

Room hold_page(Context& context, bool has_turn) {
    Pool& pool = *context.conf().pool;
    return context.held.hold(pool.large_buffers(), LargeBuffers::client_of(context.request()),
                             context.found.page.value(), pool.options.large_buffers, has_turn);
}

Room reserve(Context& context, HeldMemory& reserved, std::size_t size, bool has_turn) {
    Pool& pool = *context.conf().pool;
    return reserved.reserve(pool.large_buffers(), LargeBuffers::client_of(context.request()), size,
                            pool.options.large_buffers, has_turn);
}

// The decision when all memory for large bodies is taken, and stayed so.
void go_without_memory(Context& context, Decision& decision) {
    if (std::holds_alternative<Fill>(decision)) {
        forget_page(context);
    }
    decision = without_memory(decision);
}

// The decision with what the first part, and the worst of the others, turned out to be.
void meet_first_part(Context& context, Lookup& lookup, Decision& decision, net::Result&& part) {
    if (context.large->take_first(part)) {
        return;
    }
    const bool gone = part.outcome == net::Outcome::Found ||
                      part.outcome == net::Outcome::Missing ||
                      part.outcome == net::Outcome::Garbage;
    if (std::holds_alternative<Fill>(decision)) {
        forget_page(context);
    } else if (gone) {
        lookup.note_broken();
    }
    decision = without_part(decision, gone ? Reason::PartMissing : why_unavailable(part.outcome));
}

Detour prepare_parts(Context& context, Lookup& lookup, Decision& decision) {
    if (!make_large(context)) {
        go_without_memory(context, decision);
        co_return;
    }
    const TurnsForMemory turns(context);
    Room room = context.large->take_memory(false);
    while (turns.may_wait(room)) {
        co_await AwaitTurn(context, room);
        room = context.large->take_memory(room == Room::Taken);
        turns.refused_again(room);
    }
    if (room != Room::Granted) {
        go_without_memory(context, decision);
        co_return;
    }
    GetFirstPart first(context);
    PeekParts others(context);
    net::Result part = co_await first;
    const net::Result worst = co_await others;
    if (worst.outcome != net::Outcome::Found) {
        part.outcome = worst.outcome;
    }
    meet_first_part(context, lookup, decision, std::move(part));
}

// Of a page in one item. While the request waits, it is not kept.
Detour prepare_item(Context& context, Lookup& lookup, HeldMemory& reserved, Decision& decision) {
    const bool has_turn = reserved.let_go();
    Room room = hold_page(context, has_turn);
    if (room == Room::Granted) {
        co_return;
    }
    if (has_turn || std::holds_alternative<Fill>(decision)) {
        go_without_memory(context, decision);
        co_return;
    }
    const std::size_t size = context.found.page.value()->size();
    const TurnsForMemory turns(context);
    forget_page(context);
    while (turns.may_wait(room)) {
        co_await AwaitTurn(context, room);
        room = reserve(context, reserved, size, room == Room::Taken);
        turns.refused_again(room);
    }
    if (room == Room::Granted) {
        decision = LookAgain{};
        lookup.has_waited();
    } else {
        go_without_memory(context, decision);
    }
}

bool is_large_item(const Context& context) {
    const BufferRef& value = context.found.page.value();
    return value && value->size() >= memcached::LiveValues::kLarge;
}

}  // namespace

bool needs_preparation(const Context& context, const Decision& decision) {
    const bool may_serve =
        std::holds_alternative<Serve>(decision) || std::holds_alternative<Fill>(decision);
    return may_serve && (sends_parts(context) || is_large_item(context));
}

Detour prepare_large_page(Context& context, Lookup& lookup, HeldMemory& reserved,
                          Decision& decision) {
    return sends_parts(context) ? prepare_parts(context, lookup, decision)
                                : prepare_item(context, lookup, reserved, decision);
}

}  // namespace mcache::request
