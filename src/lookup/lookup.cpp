#include "lookup/lookup.h"

#include <optional>

#include "fill/fill.h"
#include "hit/hit.h"
#include "hit/part_reader.h"
#include "lookup/cached_get.h"
#include "lookup/classify.h"
#include "lookup/decide.h"
#include "lookup/log_check.h"
#include "lookup/refresh.h"
#include "request/await.h"
#include "request/context.h"

namespace mcache::request {

using http::Reason;

namespace {

// Without waiting in between: of each server that may hold the page, and once more with the lock or
// without what is broken. More is a memcached that says something else each time.
constexpr unsigned kMostLooks = 16;

// No memcached has answered this request yet.
bool is_blind(const Context& context, const Lookup& lookup) {
    return context.found.unreachable && lookup.seen == 0;
}

// Of a page that varies, which no memcached could say: who made it has remembered its index. The
// page's own key then tells whether it is the variant that this request selects.
bool select_as_made(Context& context) {
    context.found.index = context.conf().pool->vary_memory().recall(context.full_key);
    return !context.varies() || select_variant(context, context.found.index);
}

// What another request's fill made, where it is what this one looked for: the same page, in place
// of the same item.
bool take_made(Context& context, net::Result&& made, Lookup& lookup) {
    const bool blind = is_blind(context, lookup);
    // Where no memcached could say what lies there, a fill that began earlier may be older than a
    // purge that was acknowledged before this request came.
    if (made.cas != lookup.seen || (blind && made.number < lookup.arrival)) {
        return false;
    }
    // A CAS is one server's.
    const net::Client& client = context.client();
    if (!blind && client.options().may_miss_purges() &&
        made.server != &client.server(lookup.seen_on)) {
        return false;
    }
    if (blind && !select_as_made(context)) {
        return false;
    }
    const net::Place at = context.lease_of_page().at;
    context.found.kind = context.varies()
                             ? take_variant(context, std::move(made), at)
                             : take(context, std::move(made), at, context.full_key, context.lease);
    const bool taken = context.found.kind == Found::Page || context.found.kind == Found::Body;
    if (!taken && blind) {
        // Another variant. To be the next one's after each is no way to wait for one's turn.
        constexpr unsigned kMostStrangers = 2;
        lookup.alone = ++lookup.strangers >= kMostStrangers;
    }
    return taken;
}

// A page that is stale and is being refreshed: it need not be fetched again to see that it still
// is.
bool still_stands(const Context& context, const net::Result& seen) {
    return seen.outcome == net::Outcome::Found && seen.cas == context.found.result.cas &&
           seen.stale == context.found.result.stale && context.found.kind == Found::Page;
}

bool may_peek(const Context& context) {
    return context.found.kind == Found::Page && !context.varies() && !context.holds_lock;
}

// Whether what was found, or what is now to be filled, depends on the purge log.
bool asks_log(Found found) {
    return found != Found::Unavailable && found != Found::NotOurs && found != Found::Body;
}

// A server failed while it was asked, and another can be.
bool may_ask_another(const Context& context, Lookup& lookup) {
    const net::Client& client = context.client();
    if (context.found.kind != Found::Unavailable || !client.options().keeps_copies() ||
        ++lookup.refusals >= client.options().candidates()) {
        return false;
    }
    return client.place(context.key.view()).server != context.lease.at.server ||
           (context.varies() &&
            client.place(context.variant_key.view()).server != context.variant_lease.at.server);
}

// ---- a body in parts --------------------------------------------------------------------------

// Whether the page is about to be served, or may have to be in place of what the backend says.
bool needs_parts(Context& context, const Decision& decision) {
    const bool may_serve = decision.next == Next::Serve || decision.next == Next::Fill;
    return may_serve && sends_parts(context) && make_large(context);
}

// What was decided while the page seemed whole.
Decision without_parts(Context& context, Lookup& lookup, Decision decision,
                       const net::Result& part) {
    const bool gone =
        part.outcome == net::Outcome::Missing || part.outcome == net::Outcome::Garbage;
    if (decision.next == Next::Fill) {
        forget_page(context);
        decision.reason = gone ? Reason::PartMissing : Reason::Miss;
        return decision;
    }
    if (!gone) {
        return pass_without_answer(part);
    }
    lookup.broken = context.found.result.cas;
    decision.next = Next::Again;
    return decision;
}

Decision with_first_part(Context& context, Lookup& lookup, const Decision& decision,
                         net::Result&& part) {
    if (context.large->take_first(part)) {
        return decision;
    }
    if (part.outcome == net::Outcome::Found) {
        part.outcome = net::Outcome::Garbage;
    }
    return without_parts(context, lookup, decision, part);
}

// The same of a page that lies in one large item.
bool needs_memory(const Context& context, const Decision& decision) {
    const bool may_serve = decision.next == Next::Serve || decision.next == Next::Fill;
    const BufferRef& value = context.found.page.value();
    return may_serve && value && value->size() >= memcached::LiveValues::kLarge;
}

// How long a request waits for memory for its large page.
class TurnsForMemory {
  public:
    explicit TurnsForMemory(Context& context)
        : buffers_(context.conf().pool->large_buffers()), longest_(context.conf().lock_timeout) {}

    bool may_wait(LargeBuffers::Room refused) const {
        const bool in_vain = refused == LargeBuffers::Room::Taken && buffers_.is_in_vain();
        return refused != LargeBuffers::Room::Granted && !in_vain && !is_over();
    }
    void refused_again(LargeBuffers::Room refused) const {
        if (refused == LargeBuffers::Room::Taken && is_over()) {
            buffers_.note_wait_in_vain();
        }
    }

  private:
    bool is_over() const { return ngx_current_msec - began_ >= longest_; }

    LargeBuffers& buffers_;
    const ngx_msec_t longest_;
    const ngx_msec_t began_ = ngx_current_msec;
};

// All memory for large bodies is taken, and stayed so.
Decision without_memory(Context& context, const Decision& decision) {
    if (decision.next != Next::Fill) {
        return pass(Status::Miss, Reason::Busy);
    }
    forget_page(context);
    return decision;
}

// Nothing is left of what an earlier look found.
void begin_look(Context& context) {
    forget_page(context);
    context.found = Finding{};
    context.reason = Reason::Miss;
}

LargeBuffers::Room hold_page(Context& context, bool has_turn) {
    Pool& pool = *context.conf().pool;
    return context.held.hold(pool.large_buffers(), LargeBuffers::client_of(context.request()),
                             context.found.page.value(), pool.options.large_buffers, has_turn);
}

LargeBuffers::Room reserve(Context& context, HeldMemory& reserved, std::size_t size,
                           bool has_turn) {
    Pool& pool = *context.conf().pool;
    return reserved.reserve(pool.large_buffers(), LargeBuffers::client_of(context.request()), size,
                            pool.options.large_buffers, has_turn);
}

bool is_broken(const Context& context, const Lookup& lookup) {
    return context.found.kind == Found::Page && lookup.broken == context.found.result.cas;
}

// ---- what was decided is done -----------------------------------------------------------------

// The content handler runs: as a fill, where the location stores.
void fill(Context& context, const Decision& decision) {
    context.miss_reason = context.reason = decision.reason;
    context.status = decision.status;
    context.revalidating = decision.revalidate && context.found.page;
    if (context.conf().store) {
        begin_fill(context);
    } else {
        context.pass(context.status, Reason::StoreOff);
    }
}

void act(Context& context, const Decision& decision) {
    switch (decision.next) {
        case Next::Serve:
            context.reason = decision.reason;
            context.revalidating = decision.revalidate;
            if (decision.refresh) {
                (void)refresh_in_background(context);
            }
            context.release();
            return begin_hit_at_maker(context, decision.status);
        case Next::Pass:
            context.refusal = decision.refusal;
            return context.pass(decision.status, decision.reason);
        default:
            return fill(context, decision);
    }
}

}  // namespace

Journey fill_over(Context& context) {
    if (is_known_too_large(context)) {
        context.pass(Status::Bypass, Reason::TooLarge);
        co_return;
    }
    if (context.conf().store) {
        LogCheck check(context);
        const net::Place at = context.client().place(context.key.view());
        check.begin(at.server);
        Get there(context, at, context.key.view(), true);
        Found found = take(context, co_await there, at, context.full_key, context.lease);
        if (found != Found::Unavailable && check.begun()) {
            AwaitPurgeLog& log = check.log();
            const net::Outcome outcome = co_await log;
            found = LogCheck::can_go_on(outcome) ? found : without_log(context, outcome);
        }
        if (found == Found::Unavailable) {
            context.pass(Status::Bypass, pass_without_answer(context.found.result).reason);
            co_return;
        }
        if (found == Found::Index && check.guards_index() && !check.index_stands(context)) {
            context.found.index = VaryIndex{};
        }
        context.found.index_ttl = context.varies() ? context.found.result.ttl : 0;
        context.found.page = Page{};
        TakeFurtherLeases further(context);
        co_await further;
    }
    Decision decision;
    decision.status = Status::Bypass;
    decision.reason = Reason::Bypass;
    fill(context, decision);
}

Journey look_up(Context& context) {
    using Room = LargeBuffers::Room;
    VaryMemory& memory = context.conf().pool->vary_memory();
    HeldMemory reserved;  // for a page that is looked for again
    Lookup lookup;
    lookup.arrival = context.conf().pool->waiting_rooms().moment();
    LogCheck check(context);
    Decision decision;
    do {
        if (++lookup.looks > kMostLooks) {
            decision = pass(status_of_fill(context), context.reason);
            break;
        }
        begin_look(context);
        // The index, and the variant that it led to last time, in one flush.
        VaryIndex remembered = memory.recall(context.full_key);
        lookup.looked = ngx_current_msec;
        const net::Place at = context.client().place(context.key.view());
        check.begin(at.server);
        Look primary(context, at, context.key, true);
        std::optional<Look> variant;
        if (!remembered.names.empty() && select_variant(context, remembered)) {
            const net::Place beside = context.client().place(context.variant_key.view());
            check.begin_beside(beside.server);
            variant.emplace(context, beside, context.variant_key, false);
        }
        context.found.kind = take(context, co_await primary, at, context.full_key, context.lease);
        if (context.found.kind == Found::Index && check.guards_index()) {
            AwaitPurgeLog& log = check.log();
            const net::Outcome outcome = co_await log;
            if (!LogCheck::can_go_on(outcome)) {
                context.found.kind = without_log(context, outcome);
            } else if (!check.index_stands(context)) {
                context.found.index = VaryIndex{};
                context.reason = Reason::Purged;
                context.found.kind = Found::Nothing;
            }
        }
        if (context.found.kind == Found::Index) {
            context.found.index_ttl = context.found.result.ttl;
            context.found.index_is_purged = context.found.softly_purged;
            if (!variant || context.found.index != remembered) {
                if (!select_variant(context, context.found.index)) {
                    context.pass(Status::Down, Reason::OutOfMemory);
                    co_return;
                }
                memory.remember(context.full_key, context.found.index);
                const net::Place beside = context.client().place(context.variant_key.view());
                check.begin_beside(beside.server);
                variant.emplace(context, beside, context.variant_key, true);
            }
            check.look_beside();
            context.reason = Reason::VaryMiss;
            Look& selected = *variant;
            context.found.kind = take_variant(context, co_await selected, selected.at());
            if (context.found.kind == Found::Nothing && context.takes_leases()) {
                Get leased(context, selected.at(), context.variant_key.view(), true);
                context.found.kind = take_variant(context, co_await leased, selected.at());
            }
        } else if (context.found.kind == Found::Page && variant) {
            memory.forget(context.full_key);
        }
        if (check.begun() && asks_log(context.found.kind)) {
            AwaitPurgeLog& log = check.log();
            const net::Outcome outcome = co_await log;
            if (!LogCheck::can_go_on(outcome)) {
                context.found.kind = without_log(context, outcome);
            } else if (context.found.kind == Found::Page) {
                context.found.kind = judge_by_log(context, check, context.found.result.cas);
            }
        }
        if (is_broken(context, lookup)) {
            context.reason = Reason::PartMissing;
            context.found.kind = Found::Nothing;
        }
        if (may_ask_another(context, lookup)) {
            decision.next = Next::Again;
            continue;
        }
        if (context.found.kind != Found::Unavailable) {
            const Lease& seen = context.lease_of_page();
            lookup.seen = seen.cas.value_or(0);
            lookup.seen_on = seen.at.server;
        }
        if (context.holds_lock && !holds_lock_of_page(context)) {
            context.release();  // another variant is wanted than before
        }
        if (context.holds_lock) {  // it may be the one to refresh the page behind it
            TakeFurtherLeases further(context);
            co_await further;
        }
        decision = judge(context, lookup);
        if (decision.next == Next::Count) {
            decision = counted(context, co_await CountUse(context), lookup, decision);
        }
        if (decision.next == Next::Lock) {
            decision = locked(context, co_await TakeLock(context), lookup, decision);
        }
        while (decision.next == Next::Wait) {
            net::Result word = co_await AwaitFill(context, lookup.looked);
            lookup.looked = ngx_current_msec;
            lookup.looks = 0;
            lookup.alone = word.outcome == net::Outcome::Down;
            decision.next = Next::Again;
            if (word.outcome == net::Outcome::Found &&
                take_made(context, std::move(word), lookup)) {
                // Its CAS is of what lay there before: no verdict is remembered by it.
                if (check.begun() && context.found.kind == Found::Page &&
                    !is_blind(context, lookup)) {
                    context.found.kind = judge_by_log(context, check, 0);
                }
                if (context.found.kind != Found::Nothing) {
                    decision = judge(context, lookup);
                }
            } else if (may_peek(context) &&
                       still_stands(context, co_await Peek(context, context.lease.at.server,
                                                           context.key.view()))) {
                decision = judge(context, lookup);
            }
            if (decision.next == Next::Lock) {
                decision = locked(context, co_await TakeLock(context), lookup, decision);
            }
        }
        if (needs_parts(context, decision)) {
            const TurnsForMemory turns(context);
            Room room = context.large->take_memory(false);
            while (turns.may_wait(room)) {
                co_await AwaitTurn(context, room);
                room = context.large->take_memory(room == Room::Taken);
                turns.refused_again(room);
            }
            if (room == Room::Granted) {
                GetFirstPart first(context);
                PeekParts others(context);
                net::Result part = co_await first;
                const net::Result worst = co_await others;
                if (worst.outcome != net::Outcome::Found) {
                    part.outcome = worst.outcome;
                }
                decision = with_first_part(context, lookup, decision, std::move(part));
            } else {
                decision = without_memory(context, decision);
            }
        } else if (needs_memory(context, decision)) {
            const bool has_turn = reserved.let_go();
            Room room = hold_page(context, has_turn);
            const std::size_t size = context.found.page.value()->size();
            if (room != Room::Granted && (has_turn || decision.next == Next::Fill)) {
                decision = without_memory(context, decision);
            } else if (room != Room::Granted) {  // nor is it kept while the request waits
                const TurnsForMemory turns(context);
                forget_page(context);
                while (turns.may_wait(room)) {
                    co_await AwaitTurn(context, room);
                    room = reserve(context, reserved, size, room == Room::Taken);
                    turns.refused_again(room);
                }
                if (room == Room::Granted) {
                    decision.next = Next::Again;
                    lookup.looks = 0;
                } else {
                    decision = without_memory(context, decision);
                }
            }
        }
    } while (decision.next == Next::Again);
    if (decision.next == Next::Fill) {
        if (decision.for_itself) {
            context.release();
        }
        if (context.conf().lock && context.fills_for_others() && !context.leads) {
            WaitingRooms& rooms = context.conf().pool->waiting_rooms();
            context.leads = rooms.lead(context.key.view());
            (void)rooms.age_of_stub(context.key_of_page(), context.found.result.cas);
        }
        if (context.conf().store && !context.found.unreachable && !context.holds_lock) {
            TakeFurtherLeases further(context);
            co_await further;
        }
        decision.status = status_of_fill(context);
    }
    act(context, decision);
}

}  // namespace mcache::request
