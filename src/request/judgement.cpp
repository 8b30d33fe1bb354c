#include "request/judgement.h"

#include <utility>

#include "base/integer.h"
#include "base/text.h"
#include "policy/request_policy.h"
#include "request/await.h"
#include "request/fill.h"
#include "request/hit.h"
#include "request/large_hit.h"
#include "request/refresh.h"
#include "request/tally.h"

namespace mcache::request {

using policy::Reason;
using policy::Reuse;

Reason unavailable_reason(const net::Answer& answer) {
    switch (answer.outcome) {
        case net::Outcome::Timeout:
            return Reason::Timeout;
        case net::Outcome::Garbage:
            return Reason::Garbage;
        case net::Outcome::Busy:
            return Reason::Busy;
        default:
            return Reason::Down;
    }
}

void pass_without_answer(Context& context) {
    context.pass(Status::Down, unavailable_reason(context.answer));
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

Status status_of_fill(const Context& context) {
    if (context.unreachable) {
        return Status::Down;
    }
    return context.has_page ? Status::Expired : Status::Miss;
}

namespace {

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

Next wait_for_fill(Context& context, Lookup& lookup) {
    if (ngx_current_msec - lookup.began >= context.conf().lock_timeout) {
        tally<metrics::Worker::LockTimeouts>();
        context.pass(context.has_page ? Status::Expired : Status::Miss, Reason::LockTimeout);
        return Next::Done;
    }
    if (!lookup.seat) {
        WaitingRooms& rooms = context.conf().pool->waiting_rooms();
        lookup.seat = rooms.take_seat(context.key.view(), context.conf().lock_waiters);
        if (!lookup.seat) {
            context.pass(status_of_fill(context), Reason::Busy);
            return Next::Done;
        }
    }
    if (!std::exchange(context.collapsed, true)) {
        tally<metrics::Worker::LockWaits>();
    }
    return Next::Wait;
}

// The one that was to fill it has had its mcache_lock_age: it may be dead. Its stub stays, so that
// whoever stores first, it or the next, is the only one.
bool stub_is_abandoned(const Context& context) {
    const LocationConf& conf = context.conf();
    const std::int64_t age = stub_seconds(conf) - context.stub_ttl;
    return age * 1000 > static_cast<std::int64_t>(conf.lock_age);
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

}  // namespace

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

}  // namespace mcache::request
