#include "lookup/turn.h"

#include <utility>

#include "hit/part_reader.h"
#include "lookup/classify.h"
#include "request/counters.h"

namespace mcache::request {

using http::Reason;

Lookup::Lookup(Context& context)
    : context_(context),
      request_(context),
      rules_(lookup_rules(context.conf())),
      arrival_(context.conf().pool->waiting_rooms().moment()) {
    context.reason = Reason::Miss;  // while it waits
}

void Lookup::begin_turn() {
    turn_.lock = context_.holds_lock ? Attempt::Held : Attempt::NotMade;
    turn_.lead = Attempt::NotMade;
}

bool Lookup::begin_look() {
    // Of each server that may hold the page, and once more with the lock or without what is broken.
    // More is a memcached that says something else each time.
    constexpr unsigned kMostLooks = 16;
    if (++looks_ > kMostLooks) {
        return false;
    }
    if (std::exchange(has_looked_, true)) {
        forget_page(context_);
        context_.found = Finding{};
    }
    looked_ = ngx_current_msec;
    return true;
}

bool Lookup::note_found() {
    Finding& found = context_.found;
    if (found.kind == Found::Page && broken_ == found.result.cas) {
        found.why = Reason::PartMissing;
        found.kind = Found::Nothing;
    }
    if (may_ask_another()) {
        return false;
    }
    if (found.kind != Found::Unavailable) {
        const Lease& seen = context_.lease_of_page();
        seen_ = seen.cas.value_or(0);
        seen_on_ = seen.at.server;
    }
    if (context_.holds_lock && !holds_lock_of_page(context_)) {
        context_.release();  // another variant is wanted than before
    }
    begin_turn();
    return true;
}

// A server failed while it was asked, and another can be.
bool Lookup::may_ask_another() {
    const net::Client& client = context_.client();
    if (context_.found.kind != Found::Unavailable || !client.options().keeps_copies() ||
        ++refusals_ >= client.options().candidates()) {
        return false;
    }
    return client.place(context_.key.view()).server != context_.lease.at.server ||
           (context_.varies() &&
            client.place(context_.variant_key.view()).server != context_.variant_lease.at.server);
}

Decision Lookup::decide() {
    Finding& found = context_.found;
    if (found.kind != Found::Page && found.kind != Found::Body) {
        found.page = Page{};
    }
    if (found.kind == Found::Unavailable) {
        found.unreachable = rules_.lock && rules_.store;
    }
    turn_.fills_for_others = context_.fills_for_others();
    turn_.waited = static_cast<std::int64_t>(ngx_current_msec - began_);
    return request::decide(lookup_facts(context_), request_, turn_, rules_, ngx_time());
}

void Lookup::count(const net::Result& uses) {
    const bool too_few =
        uses.outcome == net::Outcome::Found && uses.number < context_.conf().min_uses;
    turn_.uses = too_few ? Uses::TooFew : Uses::Enough;
}

void Lookup::take_lock(const net::Result& lock) {
    context_.holds_lock = lock.outcome == net::Outcome::Found;
    context_.lock_cas = lock.cas;
    context_.lock_life = lock.life;
    context_.lock_taken = ngx_current_msec;
    turn_.lock = context_.holds_lock                     ? Attempt::Won
                 : lock.outcome == net::Outcome::Missing ? Attempt::Lost
                                                         : Attempt::Failed;
}

void Lookup::take_lead() {
    WaitingRooms& rooms = context_.conf().pool->waiting_rooms();
    context_.leads = rooms.lead(context_.key.view());
    context_.fill_began = rooms.moment();
    turn_.lead = context_.leads ? Attempt::Won : Attempt::Lost;
}

bool Lookup::take_seat() {
    if (!seat_) {
        WaitingRooms& rooms = context_.conf().pool->waiting_rooms();
        seat_ = rooms.take_seat(context_.key_of_page(), context_.conf().lock_waiters);
    }
    if (seat_ && !std::exchange(context_.collapsed, true)) {
        tally<metrics::Worker::LockWaits>();
    }
    return seat_ != nullptr;
}

bool Lookup::hear(net::Result&& told) {
    looked_ = ngx_current_msec;
    looks_ = 0;
    begin_turn();
    turn_.alone = told.outcome == net::Outcome::Down;
    return told.outcome == net::Outcome::Found && take_made(std::move(told));
}

// Of a page that varies, which no memcached could say: who made it has remembered its index. The
// page's own key then tells whether it is the variant that this request selects.
bool Lookup::select_as_made() {
    context_.found.index = context_.conf().pool->vary_memory().recall(context_.full_key);
    return !context_.varies() || select_variant(context_, context_.found.index);
}

// What another request's fill made, where it is what this one looked for: the same page, in place
// of the same item.
bool Lookup::take_made(net::Result&& made) {
    const bool blind = is_blind();
    // Where no memcached could say what lies there, a fill that began earlier may be older than a
    // purge that was acknowledged before this request came.
    if (made.cas != seen_ || (blind && made.number < arrival_)) {
        return false;
    }
    // A CAS is one server's.
    const net::Client& client = context_.client();
    if (!blind && client.options().may_miss_purges() && made.server != &client.server(seen_on_)) {
        return false;
    }
    if (blind && !select_as_made()) {
        return false;
    }
    const net::Place at = context_.lease_of_page().at;
    Finding& found = context_.found;
    found.kind = context_.varies()
                     ? take_variant(context_, std::move(made), at)
                     : take(context_, std::move(made), at, context_.full_key, context_.lease);
    const bool taken = found.kind == Found::Page || found.kind == Found::Body;
    if (!taken && blind) {
        // Another variant. To be the next one's after each is no way to wait for one's turn.
        constexpr unsigned kMostStrangers = 2;
        turn_.alone = ++strangers_ >= kMostStrangers;
    }
    return taken;
}

}  // namespace mcache::request
