#include "request/answer.h"

#include <optional>

#include "request/await.h"
#include "request/context.h"
#include "request/found.h"
#include "request/hit.h"
#include "request/judgement.h"
#include "request/large_hit.h"
#include "request/log_check.h"
#include "request/look.h"

namespace mcache::request {

using policy::Reason;

namespace {

// No memcached has answered this request yet.
bool is_blind(const Context& context, const Lookup& lookup) {
    return context.unreachable && lookup.seen == 0;
}

// Of a page that varies, which no memcached could say: who made it has remembered its index. The
// page's own key then tells whether it is the variant that this request selects.
bool select_as_made(Context& context) {
    context.index = context.conf().pool->vary_memory().recall(context.full_key);
    return !context.varies() || select_variant(context, context.index);
}

// What another request's fill made, where it is what this one looked for: the same page, in place
// of the same item.
bool take_made(Context& context, net::Answer&& made, Lookup& lookup) {
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
    lookup.found = context.varies()
                       ? take_variant(context, std::move(made), at)
                       : take(context, std::move(made), at, context.full_key, context.lease);
    const bool taken = lookup.found == Found::Page || lookup.found == Found::Body;
    if (!taken && blind) {
        // Another variant. To be the next one's after each is no way to wait for one's turn.
        constexpr unsigned kMostStrangers = 2;
        lookup.alone = ++lookup.strangers >= kMostStrangers;
    }
    return taken;
}

// A page that is stale and is being refreshed: it need not be fetched again to see that it still
// is.
bool still_stands(const Context& context, const Lookup& lookup, const net::Answer& seen) {
    return seen.outcome == net::Outcome::Found && seen.cas == context.answer.cas &&
           seen.stale == context.answer.stale && lookup.found == Found::Page;
}

bool may_peek(const Context& context, const Lookup& lookup) {
    return lookup.found == Found::Page && !context.varies() && !context.holds_lock;
}

// Whether what was found, or what is now to be filled, depends on the purge log.
bool asks_log(Found found) {
    return found != Found::Unavailable && found != Found::NotOurs && found != Found::Body;
}

// A server failed while it was asked, and another can be.
bool may_ask_another(const Context& context, Lookup& lookup) {
    const net::Client& client = context.client();
    if (lookup.found != Found::Unavailable || !client.options().keeps_copies() ||
        ++lookup.refusals >= client.options().candidates()) {
        return false;
    }
    return client.place(context.key.view()).server != context.lease.at.server ||
           (context.varies() &&
            client.place(context.variant_key.view()).server != context.variant_lease.at.server);
}

// ---- a body in parts --------------------------------------------------------------------------

// Whether the page is about to be served, or may have to be in place of what the backend says.
bool needs_parts(Context& context, Next next) {
    const bool serves = next == Next::Done && context.state() == State::Waiting;
    const bool may_serve = next == Next::Fill && context.has_page && !context.raw_page;
    return (serves || may_serve) && sends_parts(context) && make_large(context);
}

// The page cannot be served, and the backend is asked.
Next without_parts(Context& context, Lookup& lookup, Next next, const net::Answer& part) {
    const bool gone =
        part.outcome == net::Outcome::Missing || part.outcome == net::Outcome::Garbage;
    const std::uint64_t cas = context.answer.cas;
    if (next == Next::Fill) {
        context.forget_page();
        context.reason = gone ? Reason::PartMissing : Reason::Miss;
        return next;
    }
    if (gone) {
        lookup.broken = cas;
        return Next::Again;
    }
    context.pass(Status::Down, unavailable_reason(part));
    return Next::Done;
}

Next with_first_part(Context& context, Lookup& lookup, Next next, net::Answer&& part) {
    const bool found = part.outcome == net::Outcome::Found;
    if (!context.large->take_first(part)) {
        if (found) {
            part.outcome = net::Outcome::Garbage;
        }
        return without_parts(context, lookup, next, part);
    }
    if (next == Next::Done) {
        begin_hit(context, context.status);
    }
    return next;
}

// All memory for large bodies is taken, and stayed so.
Next without_memory(Context& context, Next next) {
    if (next == Next::Fill) {
        context.forget_page();
        return next;
    }
    context.pass(Status::Miss, Reason::Busy);
    return Next::Done;
}

bool is_broken(const Context& context, const Lookup& lookup) {
    return lookup.found == Found::Page && lookup.broken == context.answer.cas;
}

}  // namespace

Journey fill_over(Context& context) {
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
            pass_without_answer(context);
            context.status = Status::Bypass;
            co_return;
        }
        if (found == Found::Index && check.guards_index() && !check.index_stands(context)) {
            context.index = VaryIndex{};
        }
        context.index_ttl = context.varies() ? context.answer.ttl : 0;
        context.answer.value = BufferRef();
        TakeFurtherLeases further(context);
        co_await further;
    }
    context.reason = Reason::Bypass;
    fill(context, Status::Bypass);
}

Journey look_up(Context& context) {
    VaryMemory& memory = context.conf().pool->vary_memory();
    Lookup lookup;
    lookup.arrival = context.conf().pool->waiting_rooms().moment();
    LogCheck check(context);
    Next next = Next::Again;
    while (next != Next::Done && next != Next::Fill) {
        // The index, and the variant that it led to last time, in one flush.
        VaryIndex remembered = memory.recall(context.full_key);
        context.reason = Reason::Miss;
        context.index = VaryIndex{};
        context.softly_purged = context.index_is_purged = context.unreachable = false;
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
        lookup.found = take(context, co_await primary, at, context.full_key, context.lease);
        if (lookup.found == Found::Index && check.guards_index()) {
            AwaitPurgeLog& log = check.log();
            const net::Outcome outcome = co_await log;
            if (!LogCheck::can_go_on(outcome)) {
                lookup.found = without_log(context, outcome);
            } else if (!check.index_stands(context)) {
                context.index = VaryIndex{};
                context.reason = Reason::Purged;
                lookup.found = Found::Nothing;
            }
        }
        if (lookup.found == Found::Index) {
            context.index_ttl = context.answer.ttl;
            context.index_is_purged = context.softly_purged;
            if (!variant || context.index != remembered) {
                if (!select_variant(context, context.index)) {
                    context.pass(Status::Down, Reason::OutOfMemory);
                    co_return;
                }
                memory.remember(context.full_key, context.index);
                const net::Place beside = context.client().place(context.variant_key.view());
                check.begin_beside(beside.server);
                variant.emplace(context, beside, context.variant_key, true);
            }
            check.look_beside();
            context.reason = Reason::VaryMiss;
            Look& selected = *variant;
            lookup.found = take_variant(context, co_await selected, selected.at());
            if (lookup.found == Found::Nothing && context.takes_leases()) {
                Get leased(context, selected.at(), context.variant_key.view(), true);
                lookup.found = take_variant(context, co_await leased, selected.at());
            }
        } else if (lookup.found == Found::Page && variant) {
            memory.forget(context.full_key);
        }
        if (check.begun() && asks_log(lookup.found)) {
            AwaitPurgeLog& log = check.log();
            const net::Outcome outcome = co_await log;
            if (!LogCheck::can_go_on(outcome)) {
                lookup.found = without_log(context, outcome);
            } else if (lookup.found == Found::Page) {
                lookup.found = judge_by_log(context, check, context.answer.cas);
            }
        }
        if (is_broken(context, lookup)) {
            context.reason = Reason::PartMissing;
            lookup.found = Found::Nothing;
        }
        if (may_ask_another(context, lookup)) {
            continue;
        }
        if (lookup.found != Found::Unavailable) {
            const Lease& seen = context.lease_of_page();
            lookup.seen = seen.cas.value_or(0);
            lookup.seen_on = seen.at.server;
        }
        if (context.holds_lock) {  // it may be the one to refresh the page behind it
            TakeFurtherLeases further(context);
            co_await further;
        }
        next = judge(context, lookup);
        if (next == Next::Count) {
            next = counted(context, co_await CountUse(context), lookup);
        }
        if (next == Next::Lock) {
            next = locked(context, co_await TakeLock(context), lookup);
        }
        while (next == Next::Wait) {
            net::Answer word = co_await AwaitFill(context, lookup.looked);
            lookup.looked = ngx_current_msec;
            lookup.alone = word.outcome == net::Outcome::Down;
            if (word.outcome == net::Outcome::Found &&
                take_made(context, std::move(word), lookup)) {
                // Its CAS is of what lay there before: no verdict is remembered by it.
                if (check.begun() && lookup.found == Found::Page && !is_blind(context, lookup)) {
                    lookup.found = judge_by_log(context, check, 0);
                }
                next = lookup.found == Found::Nothing ? Next::Again : judge(context, lookup);
            } else if (may_peek(context, lookup) &&
                       still_stands(
                           context, lookup,
                           co_await Peek(context, context.lease.at.server, context.key.view()))) {
                next = judge(context, lookup);
            } else {
                next = Next::Again;
            }
            if (next == Next::Lock) {
                next = locked(context, co_await TakeLock(context), lookup);
            }
        }
        if (needs_parts(context, next)) {
            LargeBuffers& buffers = context.conf().pool->large_buffers();
            const ngx_msec_t began = ngx_current_msec;
            bool has_room = context.large->take_memory(false);
            while (!has_room && !buffers.is_in_vain() &&
                   ngx_current_msec - began < context.conf().lock_timeout) {
                co_await AwaitTurn(context);
                has_room = context.large->take_memory(true);
                if (!has_room && ngx_current_msec - began >= context.conf().lock_timeout) {
                    buffers.note_wait_in_vain();
                }
            }
            if (has_room) {
                GetFirstPart first(context);
                PeekParts others(context);
                net::Answer part = co_await first;
                const net::Answer worst = co_await others;
                if (worst.outcome != net::Outcome::Found) {
                    part.outcome = worst.outcome;
                }
                next = with_first_part(context, lookup, next, std::move(part));
            } else {
                next = without_memory(context, next);
            }
        }
    }
    if (next == Next::Fill) {
        if (context.conf().lock && context.fills_for_others() && !context.leads) {
            context.leads = context.conf().pool->waiting_rooms().lead(context.key.view());
        }
        if (context.conf().store && !context.unreachable && !context.holds_lock) {
            TakeFurtherLeases further(context);
            co_await further;
        }
        fill(context, status_of_fill(context));
    }
}

}  // namespace mcache::request
