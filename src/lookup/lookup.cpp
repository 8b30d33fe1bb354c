#include "lookup/lookup.h"

#include <new>
#include <optional>
#include <utility>

#include "fill/fill.h"
#include "hit/hit.h"
#include "lookup/cached_get.h"
#include "lookup/classify.h"
#include "lookup/decide.h"
#include "lookup/large_page.h"
#include "lookup/log_check.h"
#include "lookup/refresh.h"
#include "lookup/turn.h"
#include "request/await.h"
#include "request/context.h"
#include "request/counters.h"

namespace mcache::request {

using http::Reason;

namespace {

// ---- find -------------------------------------------------------------------------------------

// Whether what was found, or what is now to be filled, depends on the purge log.
bool asks_log(Found found) {
    return found != Found::Unavailable && found != Found::NotOurs && found != Found::Body;
}

// The variant of a URL, which is asked for in the flush of the URL's own key where a worker
// remembers which one it was last time.
class Variant {
  public:
    Variant(Context& context, LogCheck& check)
        : context_(context),
          check_(check),
          remembered_(context.conf().pool->vary_memory().recall(context.full_key)) {
        if (!remembered_.names.empty() && select_variant(context, remembered_)) {
            look(false);
        }
    }

    // The index says which one counts: the one that is asked for already, or another. Throws
    // std::bad_alloc where its key cannot be made.
    Look& follow(const VaryIndex& index) {
        if (!look_ || index != remembered_) {
            if (!select_variant(context_, index)) {
                throw std::bad_alloc();
            }
            context_.conf().pool->vary_memory().remember(context_.full_key, index);
            look(true);
        }
        check_.look_beside();
        return *look_;
    }

    // There is a page where there was an index.
    void forget_if_gone(Found found) {
        if (found == Found::Page && look_ && !context_.varies()) {
            context_.conf().pool->vary_memory().forget(context_.full_key);
        }
    }

  private:
    void look(bool with_lease) {
        const net::Place at = context_.client().place(context_.variant_key.view());
        check_.begin_beside(at.server);
        look_.emplace(context_, at, context_.variant_key, with_lease);
    }

    Context& context_;
    LogCheck& check_;
    const VaryIndex remembered_;
    std::optional<Look> look_;
};

// The index that was found, by the purge log of its server.
void check_index(Context& context, const LogCheck& check, net::Outcome log) {
    Finding& found = context.found;
    if (!LogCheck::can_go_on(log)) {
        found.kind = without_log(context, log);
    } else if (!check.index_stands(context)) {
        found.index = VaryIndex{};
        found.why = Reason::Purged;
        found.kind = Found::Nothing;
    }
}

// From the index to the variant that it selects.
Detour find_variant(Context& context, LogCheck& check, Variant& variant) {
    Finding& found = context.found;
    if (check.guards_index()) {
        AwaitPurgeLog& log = check.log();
        check_index(context, check, co_await log);
        if (found.kind != Found::Index) {
            co_return;
        }
    }
    found.index_ttl = found.result.ttl;
    found.index_is_purged = found.softly_purged;
    found.why = Reason::VaryMiss;
    Look& selected = variant.follow(found.index);
    found.kind = take_variant(context, co_await selected, selected.at());
    if (found.kind == Found::Nothing && context.takes_leases()) {
        Get leased(context, selected.at(), context.variant_key.view(), true);
        found.kind = take_variant(context, co_await leased, selected.at());
    }
}

void check_page(Context& context, const LogCheck& check, net::Outcome log) {
    if (!LogCheck::can_go_on(log)) {
        context.found.kind = without_log(context, log);
    } else if (context.found.kind == Found::Page) {
        context.found.kind = judge_by_log(context, check, context.found.result.cas);
    }
}

// ---- wait -------------------------------------------------------------------------------------

bool may_peek(const Context& context) {
    return context.found.kind == Found::Page && !context.varies() && !context.holds_lock;
}

// A page that is stale and is being refreshed: it need not be fetched again to see that it still
// is.
bool still_stands(const Context& context, const net::Result& seen) {
    return seen.outcome == net::Outcome::Found && seen.cas == context.found.result.cas &&
           seen.stale == context.found.result.stale && context.found.kind == Found::Page;
}

// Until another's fill has ended, or might have. The decision is a new one.
Detour wait_for_fill(Context& context, Lookup& lookup, const LogCheck& check, Decision& decision) {
    if (!lookup.take_seat()) {
        decision = without_seat(lookup_facts(context));
        co_return;
    }
    bool knows = false;
    if (lookup.hear(co_await AwaitFill(context, lookup.looked()))) {
        // Its CAS is of what lay there before: no verdict is remembered by it.
        if (check.begun() && context.found.kind == Found::Page && !lookup.is_blind()) {
            context.found.kind = judge_by_log(context, check, 0);
        }
        knows = context.found.kind != Found::Nothing;
    } else if (may_peek(context)) {
        knows = still_stands(context,
                             co_await Peek(context, context.lease.at.server, context.key.view()));
    }
    decision = knows ? lookup.decide() : LookAgain{};
}

// Where a detour did not come to its end.
Decision or_pass(bool arrived, const Decision& decision) {
    return arrived ? decision : Pass{Status::Miss, Reason::OutOfMemory};
}

bool is_attempt(const Decision& decision) {
    return std::holds_alternative<CountThisUse>(decision) ||
           std::holds_alternative<GetLock>(decision) || std::holds_alternative<GetLead>(decision) ||
           std::holds_alternative<WaitForFill>(decision);
}

// Tries what was decided, until it is decided what is to be done with the request.
Detour take_turn(Context& context, Lookup& lookup, const LogCheck& check, Decision& decision) {
    while (is_attempt(decision)) {
        if (std::holds_alternative<WaitForFill>(decision)) {
            Detour detour = wait_for_fill(context, lookup, check, decision);
            decision = or_pass(co_await detour, decision);
            continue;
        }
        if (std::holds_alternative<CountThisUse>(decision)) {
            lookup.count(co_await CountUse(context));
        } else if (std::holds_alternative<GetLock>(decision)) {
            lookup.take_lock(co_await TakeLock(context));
        } else {
            lookup.take_lead();
        }
        decision = lookup.decide();
    }
}

// ---- act --------------------------------------------------------------------------------------

void act(Context& context, const Serve& serve) {
    context.reason = serve.reason;
    context.revalidating = serve.revalidate;
    if (serve.refresh) {
        (void)refresh_in_background(context);
    }
    context.release();
    begin_hit_at_maker(context, serve.status);
}

// The content handler runs: as a fill, where the location stores.
void act(Context& context, const Fill& fill) {
    context.miss_reason = context.reason = fill.reason;
    context.status = fill.status;
    context.revalidating = fill.revalidate;
    if (context.conf().store) {
        begin_fill(context);
    } else {
        context.pass(context.status, Reason::StoreOff);
    }
}

void act(Context& context, const Pass& pass) {
    if (pass.reason == Reason::LockTimeout) {
        tally<metrics::Worker::LockTimeouts>();
    }
    context.pass(pass.status, pass.reason);
}

void act(Context& context, const Refuse&) {
    context.refusal = NGX_HTTP_GATEWAY_TIME_OUT;
    context.pass(Status::Miss, Reason::OnlyIfCached);
}

// What is left to be done is not done: the request is the backend's.
template <typename Unfinished>
void act(Context& context, const Unfinished&) {
    context.pass(Status::Miss, context.found.why);
}

// Which claims a fill begins with.
void claim_fill(Context& context, const Fill& fill) {
    if (fill.for_itself) {
        context.release();
    }
    if (context.conf().lock && context.fills_for_others() && !context.leads) {
        WaitingRooms& rooms = context.conf().pool->waiting_rooms();
        context.leads = rooms.lead(context.key.view());
        (void)rooms.age_of_stub(context.key_of_page(), context.found.result.cas);
    }
}

// With the lock they are there already.
bool wants_further_leases(const Context& context) {
    return !context.found.unreachable && !context.holds_lock;
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
            context.pass(Status::Bypass, why_unavailable(context.found.result.outcome));
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
    act(context, Fill{Status::Bypass, Reason::Bypass, false, false});
}

Journey look_up(Context& context) {
    const Finding& found = context.found;
    HeldMemory reserved;  // for a page that is looked for again
    Lookup lookup(context);
    LogCheck check(context);
    Decision decision = LookAgain{};
    while (std::holds_alternative<LookAgain>(decision)) {
        if (!lookup.begin_look()) {
            decision = after_too_many_looks(lookup_facts(context));
            break;
        }
        // The index, and the variant that it led to last time, in one flush.
        const net::Place at = context.client().place(context.key.view());
        check.begin(at.server);
        Look primary(context, at, context.key, true);
        Variant variant(context, check);
        context.found.kind = take(context, co_await primary, at, context.full_key, context.lease);
        if (found.kind == Found::Index) {
            Detour detour = find_variant(context, check, variant);
            if (!co_await detour) {
                decision = Pass{Status::Down, Reason::OutOfMemory};
                break;
            }
        }
        variant.forget_if_gone(found.kind);
        if (check.begun() && asks_log(found.kind)) {
            AwaitPurgeLog& log = check.log();
            check_page(context, check, co_await log);
        }
        if (!lookup.note_found()) {
            continue;
        }
        if (context.holds_lock) {  // it may be the one to refresh the page behind it
            co_await TakeFurtherLeases(context);
        }
        decision = lookup.decide();
        if (is_attempt(decision)) {
            Detour detour = take_turn(context, lookup, check, decision);
            decision = or_pass(co_await detour, decision);
        }
        if (needs_preparation(context, decision)) {
            Detour detour = prepare_large_page(context, lookup, reserved, decision);
            decision = or_pass(co_await detour, decision);
        }
    }
    if (const Fill* fill = std::get_if<Fill>(&decision)) {
        claim_fill(context, *fill);
        co_await TakeFurtherLeases(context, wants_further_leases(context));
    }
    std::visit([&context](const auto& decided) { act(context, decided); }, decision);
}

}  // namespace mcache::request
