#include "request/answer.h"

#include <optional>

#include "base/integer.h"
#include "base/text.h"
#include "entry/item_flags.h"
#include "entry/manifest.h"
#include "policy/request_policy.h"
#include "request/await.h"
#include "request/context.h"
#include "request/fill.h"
#include "request/hit.h"
#include "request/large_hit.h"
#include "request/log_check.h"
#include "request/refresh.h"
#include "request/store.h"

namespace mcache::request {

namespace {

using policy::Reason;
using policy::Reuse;

// ---- what was found ---------------------------------------------------------------------------

enum class Found : std::uint8_t {
    Nothing,
    Page,         // an entry
    Body,         // a body that the application wrote
    Index,        // this URL has variants
    OurStub,      // nothing, and this request is to fill it
    Stub,         // nothing, and another request fills it
    Unshared,     // its responses are not stored: nobody is to wait for one
    NotOurs,      // the application keeps something else under this key
    Unavailable,  // no server answered
};

Found classify_value(Context& context, const net::Answer& answer, std::string_view full_key) {
    switch (entry::classify_item(answer.flags)) {
        case entry::ItemKind::NewerEntry:
            context.reason = Reason::ForeignFlags;
            return Found::Nothing;
        case entry::ItemKind::PlainBody:
            if (answer.leased) {
                context.stub_ttl = answer.ttl;
                return answer.won ? Found::OurStub : Found::Stub;
            }
            return answer.value->size() == 0 || answer.stale ? Found::Nothing : Found::Body;
        case entry::ItemKind::Foreign:
            return Found::NotOurs;
        case entry::ItemKind::Entry:
            break;
    }
    if (entry::decode(answer.value->view(), context.page) != entry::Decoded::Ok) {
        context.reason = Reason::Garbage;
        return Found::Nothing;
    }
    if (context.page.key != full_key) {
        context.reason = Reason::KeyMismatch;
        return Found::Nothing;
    }
    if (is_unshared_marker(context.page)) {
        return Found::Unshared;
    }
    if (!is_index(context.page)) {
        entry::Manifest manifest;
        if (entry::locate_body(context.page, manifest) == entry::Body::Corrupt) {
            context.reason = Reason::Garbage;
            return Found::Nothing;
        }
        return Found::Page;
    }
    if (!read_index(context.page, context.index)) {
        context.reason = Reason::Garbage;
        return Found::Nothing;
    }
    return Found::Index;
}

policy::StoredFacts stored_facts(const Context& context) {
    const entry::EntryView& page = context.page;
    policy::StoredFacts facts;
    facts.generated = page.generated;
    facts.fresh_until = page.fresh_until;
    facts.stale_while_revalidate = page.stale_while_revalidate;
    facts.stale_if_error = page.stale_if_error;
    facts.must_revalidate = (page.attributes & entry::kMustRevalidate) != 0;
    facts.has_validator = page.has_validator();
    facts.softly_purged = context.softly_purged;
    return facts;
}

policy::ReuseRules reuse_rules(const LocationConf& conf) {
    policy::ReuseRules rules;
    rules.honor_request = conf.honor_request_cache_control;
    if ((conf.use_stale & kUseStaleUpdating) != 0) {
        rules.stale_while_updating = conf.keep_stale;
    }
    if ((conf.use_stale & kUseStaleOnErrors) != 0) {
        rules.stale_on_error = conf.keep_stale;
    }
    rules.early_permille = conf.store ? static_cast<std::int64_t>(conf.early_permille) : 0;
    return rules;
}

// The index of a URL and the variant that the request selects by it.
bool select_variant(Context& context, const VaryIndex& index) {
    context.variant_full_key = variant_key(context.request(), context.full_key, index);
    return entry::make_digest_key(context.variant_full_key, context.variant_key);
}

Found take(Context& context, net::Answer&& answer, std::string_view full_key, Lease& lease) {
    context.forget_page();
    context.answer = std::move(answer);
    context.softly_purged = context.softly_purged || context.answer.stale;
    lease = Lease{};
    if (context.answer.cas != 0) {
        lease.cas = context.answer.cas;
        lease.held = context.answer.won;
    } else {
        lease.vacant = context.answer.outcome == net::Outcome::Missing;
    }
    switch (context.answer.outcome) {
        case net::Outcome::Found:
            return classify_value(context, context.answer, full_key);
        case net::Outcome::Missing:
            return Found::Nothing;
        default:
            return Found::Unavailable;
    }
}

Found take_variant(Context& context, net::Answer&& answer) {
    const Found found =
        take(context, std::move(answer), context.variant_full_key, context.variant_lease);
    return found == Found::Index ? Found::Nothing : found;
}

// What was purged by tag or by beginning of key since the page was made.
Found judge_by_log(Context& context, const LogCheck& check, std::uint64_t cas) {
    switch (check.judge(context, cas)) {
        case entry::Standing::Stands:
            return Found::Page;
        case entry::Standing::Stale:
            context.softly_purged = true;
            return Found::Page;
        case entry::Standing::Gone:
            break;
    }
    context.reason = Reason::Purged;
    return Found::Nothing;
}

// The log's server is the page's own: without the one the other cannot be trusted.
Found without_log(Context& context, net::Outcome outcome) {
    context.forget_page();
    context.answer.outcome = outcome;
    return Found::Unavailable;
}

// ---- conclusions ------------------------------------------------------------------------------

Reason unavailable_reason(const net::Answer& answer) {
    switch (answer.outcome) {
        case net::Outcome::Timeout:
            return Reason::Timeout;
        case net::Outcome::Garbage:
            return Reason::Garbage;
        default:
            return Reason::Down;
    }
}

void pass_without_answer(Context& context) {
    context.pass(Status::Down, unavailable_reason(context.answer));
}

// A body in parts has to show that it is there first: then the context stays in State::Waiting.
void serve(Context& context, Status as, Reason why) {
    context.release();
    context.has_page = true;
    context.reason = why;
    context.status = as;
    if (!sends_parts(context)) {
        begin_hit(context, as);
    }
}

void fill(Context& context, Status as) {
    context.forwarded_for = context.reason;
    context.status = as;
    if (context.conf().store) {
        begin_fill(context);
    } else {
        context.pass(context.status, Reason::StoreOff);
    }
}

// The request wants an answer from the cache or none (RFC 9111, section 5.2.1.7).
void refuse(Context& context) {
    context.pass(Status::Miss, Reason::OnlyIfCached);
    context.refusal = NGX_HTTP_GATEWAY_TIME_OUT;
}

// Whether a miss beyond the offset that mcache_max_range_offset allows asks the backend itself.
bool range_is_too_far(const Context& context) {
    const ngx_http_request_t* r = context.request();
    const off_t limit = context.conf().max_range_offset;
    constexpr std::string_view kUnit = "bytes=";
    if (limit == NGX_MAX_OFF_T_VALUE || r->headers_in.range == nullptr) {
        return false;
    }
    std::string_view range = ngx::view(r->headers_in.range->value);
    if (!iequals(range.substr(0, kUnit.size()), kUnit)) {
        return false;
    }
    range = trim_ows(range.substr(kUnit.size()));
    const auto first = parse_decimal<std::uint64_t>(range.substr(0, range.find('-')));
    return !first || *first >= static_cast<std::uint64_t>(limit);  // a suffix is as far as it gets
}

// ---- what is to be done -----------------------------------------------------------------------

enum class Next : std::uint8_t {
    Done,   // the context says what happens to the request
    Count,  // mcache_min_uses
    Lock,   // one request fills or refreshes
    Wait,   // another one does
    Again,  // look again
    Fill,
};

// A lookup as far as it has come.
struct Lookup {
    Found found = Found::Nothing;
    ngx_msec_t began = ngx_current_msec;
    ngx_msec_t looked = ngx_current_msec;  // when the last look began
    std::uint64_t arrival = 0;             // see WaitingRooms::moment()
    std::uint64_t seen = 0;  // CAS of what lay there when a server last answered; 0: none known
    bool counted = false;    // this use was counted
    bool serve_while_updating = false;    // the page is stale, and is served at once
    bool refresh_early = false;           // the page is fresh, and due all the same
    bool alone = false;                   // the fill that it waited for is not to be shared
    std::optional<std::uint64_t> broken;  // CAS of a page of which a part is missing
    bool update_behind = false;  // by leave of the response, its refresh too is not waited for
};

Next wait_for_fill(Context& context, Lookup& lookup) {
    if (ngx_current_msec - lookup.began >= context.conf().lock_timeout) {
        context.pass(context.has_page ? Status::Expired : Status::Miss, Reason::LockTimeout);
        return Next::Done;
    }
    context.collapsed = true;
    return Next::Wait;
}

// The one that was to fill it has had its mcache_lock_age: it may be dead. Its stub stays, so that
// whoever stores first, it or the next, is the only one.
bool stub_is_abandoned(const Context& context) {
    const LocationConf& conf = context.conf();
    const std::int64_t age = stub_seconds(conf) - context.stub_ttl;
    return age * 1000 > static_cast<std::int64_t>(conf.lock_age);
}

Status status_of_fill(const Context& context) {
    if (context.unreachable) {
        return Status::Down;
    }
    return context.has_page ? Status::Expired : Status::Miss;
}

// Whose turn it is to ask the backend. Without a stub to tell (a stale page, the raw format, an old
// memcached) that takes a lock.
Next fill_lock_or_wait(Context& context, Lookup& lookup) {
    const LocationConf& conf = context.conf();
    if (!conf.lock || !conf.store || lookup.alone || context.fills_for_others() ||
        lookup.found == Found::Unshared) {
        return Next::Fill;
    }
    if (lookup.found == Found::Stub && !stub_is_abandoned(context)) {
        return wait_for_fill(context, lookup);
    }
    return Next::Lock;
}

// The page is stale and served all the same; who gets the lock refreshes it.
Next update(Context& context, const Lookup& lookup) {
    if (!context.conf().store) {
        serve(context, Status::Stale, context.reason);
        return Next::Done;
    }
    if (!context.holds_lock) {
        return Next::Lock;
    }
    if ((context.conf().background_update || lookup.update_behind) &&
        refresh_in_background(context)) {
        serve(context, Status::Stale, context.reason);
        return Next::Done;
    }
    return Next::Fill;
}

// Who gets the lock fetches the page anew before it expires.
Next serve_fresh(Context& context, Lookup& lookup, bool refresh_early) {
    lookup.refresh_early = refresh_early;
    if (refresh_early) {
        if (!context.holds_lock) {
            return Next::Lock;
        }
        context.has_page = true;
        (void)refresh_in_background(context);
    }
    serve(context, Status::Hit, Reason::None);
    return Next::Done;
}

Next judge_page(Context& context, Lookup& lookup) {
    const policy::StoredFacts facts = stored_facts(context);
    const policy::ReuseVerdict verdict =
        may_reuse(facts, context.request_cache_control, reuse_rules(context.conf()), ngx_time());
    lookup.serve_while_updating = verdict.reuse == Reuse::StaleWhileRevalidate;
    lookup.update_behind =
        ngx_time() - context.page.fresh_until < context.page.stale_while_revalidate;
    switch (verdict.reuse) {
        case Reuse::Fresh:
            return serve_fresh(context, lookup, verdict.refresh_early);
        case Reuse::Stale:
            serve(context, Status::Stale, verdict.reason);
            return Next::Done;
        default:
            break;
    }
    if (verdict.gateway_timeout) {
        refuse(context);
        return Next::Done;
    }
    context.has_page = true;
    context.reason = verdict.reason;
    context.revalidating = context.conf().revalidate && facts.has_validator;
    return lookup.serve_while_updating ? update(context, lookup)
                                       : fill_lock_or_wait(context, lookup);
}

Next judge_miss(Context& context, Lookup& lookup) {
    context.answer.value = BufferRef();
    if (context.request_cache_control.only_if_cached) {
        refuse(context);
        return Next::Done;
    }
    if (range_is_too_far(context)) {
        context.pass(Status::Miss, Reason::RangeOffset);
        return Next::Done;
    }
    if (context.conf().min_uses > 1 && !lookup.counted) {
        return Next::Count;
    }
    return fill_lock_or_wait(context, lookup);
}

// Nobody can say who is to fill, and nothing can be stored: the requests of this worker share a
// fetch among themselves, so that the backend does not drown.
Next judge_unavailable(Context& context, Lookup& lookup) {
    const LocationConf& conf = context.conf();
    WaitingRooms& rooms = conf.pool->waiting_rooms();
    if (!conf.lock || !conf.store || lookup.alone || rooms.is_unshared(context.key.view()) ||
        ngx_current_msec - lookup.began >= conf.lock_timeout) {
        pass_without_answer(context);
        return Next::Done;
    }
    context.unreachable = true;
    context.reason = unavailable_reason(context.answer);
    context.leads = rooms.lead(context.key.view());
    context.fill_began = rooms.moment();
    return context.leads ? Next::Fill : wait_for_fill(context, lookup);
}

Next judge(Context& context, Lookup& lookup) {
    switch (lookup.found) {
        case Found::Unavailable:
            return judge_unavailable(context, lookup);
        case Found::NotOurs:
            context.pass(Status::Miss, Reason::ForeignFlags);
            return Next::Done;
        case Found::Body:
            context.raw_page = true;
            serve(context, Status::Hit, Reason::None);
            return Next::Done;
        case Found::Page:
            return judge_page(context, lookup);
        default:
            return judge_miss(context, lookup);
    }
}

Next counted(Context& context, const net::Answer& uses, Lookup& lookup) {
    lookup.counted = true;
    if (uses.outcome == net::Outcome::Found && uses.number < context.conf().min_uses) {
        context.pass(Status::Miss, Reason::MinUses);
        return Next::Done;
    }
    return fill_lock_or_wait(context, lookup);
}

Next locked(Context& context, const net::Answer& lock, Lookup& lookup) {
    context.holds_lock = lock.outcome == net::Outcome::Found;
    context.lock_cas = lock.cas;
    context.lock_taken = ngx_current_msec;
    if (context.holds_lock) {
        return Next::Again;  // whoever had it before may have stored the page since we looked
    }
    if (lookup.refresh_early) {
        serve(context, Status::Hit, Reason::None);
        return Next::Done;
    }
    if (lookup.serve_while_updating) {
        serve(context, Status::Updating, context.reason);
        return Next::Done;
    }
    return lock.outcome == net::Outcome::Missing ? wait_for_fill(context, lookup) : Next::Fill;
}

}  // namespace

Journey fill_over(Context& context) {
    if (context.conf().store) {
        LogCheck check(context);
        check.begin(context.key);
        Get there(context, context.key.view(), true);
        Found found = take(context, co_await there, context.full_key, context.lease);
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
        context.index_ttl = context.index.names.empty() ? 0 : context.answer.ttl;
        context.answer.value = BufferRef();
    }
    context.reason = Reason::Bypass;
    fill(context, Status::Bypass);
}

// What another request's fill made, where it is what this one looked for: the same page, in place
// of the same item.
bool take_made(Context& context, net::Answer&& made, Lookup& lookup) {
    // Where no memcached could say what lies there, a fill that began earlier may be older than a
    // purge that was acknowledged before this request came.
    const bool blind = context.unreachable && lookup.seen == 0;
    if (made.cas != lookup.seen || (blind && made.number < lookup.arrival)) {
        return false;
    }
    const bool varies = !context.variant_full_key.empty();
    lookup.found = varies ? take_variant(context, std::move(made))
                          : take(context, std::move(made), context.full_key, context.lease);
    return lookup.found == Found::Page || lookup.found == Found::Body;
}

// A page that is stale and is being refreshed: it need not be fetched again to see that it still
// is.
bool still_stands(const Context& context, const Lookup& lookup, const net::Answer& seen) {
    return seen.outcome == net::Outcome::Found && seen.cas == context.answer.cas &&
           seen.stale == context.answer.stale && lookup.found == Found::Page;
}

bool may_peek(const Context& context, const Lookup& lookup) {
    return lookup.found == Found::Page && context.variant_full_key.empty() && !context.holds_lock;
}

// Whether what was found, or what is now to be filled, depends on the purge log.
bool asks_log(Found found) {
    return found != Found::Unavailable && found != Found::NotOurs && found != Found::Body;
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
        check.begin(context.key);
        Get primary(context, context.key.view(), true);
        std::optional<Get> variant;
        if (!remembered.names.empty() && select_variant(context, remembered)) {
            check.begin_beside(context.variant_key);
            variant.emplace(context, context.variant_key.view(), false);
        }
        lookup.found = take(context, co_await primary, context.full_key, context.lease);
        if (lookup.found == Found::Index) {
            context.index_ttl = context.answer.ttl;
            context.index_is_purged = context.softly_purged;
            if (!variant || context.index != remembered) {
                if (!select_variant(context, context.index)) {
                    context.pass(Status::Down, Reason::OutOfMemory);
                    co_return;
                }
                memory.remember(context.full_key, context.index);
                check.begin_beside(context.variant_key);
                variant.emplace(context, context.variant_key.view(), true);
            }
            check.look_beside();
            context.reason = Reason::VaryMiss;
            Get& selected = *variant;
            lookup.found = take_variant(context, co_await selected);
            if (lookup.found == Found::Nothing && context.takes_leases()) {
                Get leased(context, context.variant_key.view(), true);
                lookup.found = take_variant(context, co_await leased);
            }
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
        if (lookup.found != Found::Unavailable) {
            const bool varies = !context.variant_full_key.empty();
            lookup.seen = (varies ? context.variant_lease : context.lease).cas.value_or(0);
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
                if (check.begun() && lookup.found == Found::Page && !context.unreachable) {
                    lookup.found = judge_by_log(context, check, 0);
                }
                next = lookup.found == Found::Nothing ? Next::Again : judge(context, lookup);
            } else if (may_peek(context, lookup) &&
                       still_stands(context, lookup, co_await Peek(context, context.key.view()))) {
                next = judge(context, lookup);
            } else {
                next = Next::Again;
            }
            if (next == Next::Lock) {
                next = locked(context, co_await TakeLock(context), lookup);
            }
        }
        if (needs_parts(context, next)) {
            const ngx_msec_t began = ngx_current_msec;
            bool has_room = context.large->take_memory(false);
            while (!has_room && ngx_current_msec - began < context.conf().lock_timeout) {
                co_await AwaitTurn(context);
                has_room = context.large->take_memory(true);
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
        fill(context, status_of_fill(context));
    }
}

}  // namespace mcache::request
