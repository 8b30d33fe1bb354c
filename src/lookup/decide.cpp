#include "lookup/decide.h"

#include <algorithm>
#include <utility>

#include "base/integer.h"
#include "base/text.h"
#include "fill/fill.h"
#include "fill/hit_for_miss.h"
#include "http/request_policy.h"
#include "lookup/refresh.h"
#include "request/await.h"
#include "request/counters.h"

namespace mcache::request {

using http::Reason;
using http::Reuse;

namespace {

Reason unavailable_reason(const net::Result& result) {
    switch (result.outcome) {
        case net::Outcome::Timeout:
            return Reason::Timeout;
        case net::Outcome::Garbage:
            return Reason::Garbage;
        case net::Outcome::Refused:
            return Reason::Refused;
        case net::Outcome::Busy:
            return Reason::Busy;
        default:
            return Reason::Down;
    }
}

}  // namespace

Decision pass(Status as, Reason why) {
    Decision decision;
    decision.next = Next::Pass;
    decision.status = as;
    decision.reason = why;
    return decision;
}

Decision pass_without_answer(const net::Result& result) {
    return pass(Status::Down, unavailable_reason(result));
}

bool is_known_too_large(const Context& context) {
    return context.conf().pool->too_large_pages().contains(context.key.view(), ngx_time());
}

Status status_of_fill(const Context& context) {
    if (context.found.unreachable) {
        return Status::Down;
    }
    return context.found.page ? Status::Expired : Status::Miss;
}

namespace {

http::StoredFacts stored_facts(const Context& context) {
    const format::EntryView& page = *context.found.page;
    http::StoredFacts facts;
    facts.generated = page.generated;
    facts.fresh_until = page.fresh_until;
    facts.stale_while_revalidate = page.stale_while_revalidate;
    facts.stale_if_error = page.stale_if_error;
    facts.must_revalidate = (page.attributes & format::kMustRevalidate) != 0;
    facts.has_validator = page.has_validator();
    facts.softly_purged = context.found.softly_purged;
    return facts;
}

http::ReuseRules reuse_rules(const LocationConf& conf) {
    http::ReuseRules rules;
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

Decision serve(Status as, Reason why) {
    Decision decision;
    decision.next = Next::Serve;
    decision.status = as;
    decision.reason = why;
    return decision;
}

// The request wants an answer from the cache or none (RFC 9111, section 5.2.1.7).
Decision refuse() {
    Decision decision = pass(Status::Miss, Reason::OnlyIfCached);
    decision.refusal = NGX_HTTP_GATEWAY_TIME_OUT;
    return decision;
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

Decision wait_for_fill(Context& context, Lookup& lookup, Decision decision) {
    if (ngx_current_msec - lookup.began >= context.conf().lock_timeout) {
        tally<metrics::Worker::LockTimeouts>();
        return pass(context.found.page ? Status::Expired : Status::Miss, Reason::LockTimeout);
    }
    if (!lookup.seat) {
        WaitingRooms& rooms = context.conf().pool->waiting_rooms();
        lookup.seat = rooms.take_seat(context.key_of_page(), context.conf().lock_waiters);
        if (!lookup.seat) {
            return pass(status_of_fill(context), Reason::Busy);
        }
    }
    if (!std::exchange(context.collapsed, true)) {
        tally<metrics::Worker::LockWaits>();
    }
    decision.next = Next::Wait;
    return decision;
}

// The one that was to fill it has had its mcache_lock_age: it may be dead. Its stub stays, so that
// whoever stores first, it or the next, is the only one.
bool stub_is_abandoned(const Context& context, const Lookup& lookup) {
    const LocationConf& conf = context.conf();
    const auto age = static_cast<ngx_msec_t>(
        1000 * std::max<std::int64_t>(stub_seconds(conf) - context.found.stub_ttl, 0));
    WaitingRooms& rooms = conf.pool->waiting_rooms();
    if (age > conf.lock_age ||
        (context.found.result.cas != 0 &&
         rooms.age_of_stub(context.key_of_page(), context.found.result.cas) >= conf.lock_age)) {
        return true;
    }
    // memcached counts whole seconds. All that have waited for mcache_lock_timeout would go to the
    // backend together where the one that takes over for them comes a moment late.
    const ngx_msec_t waited = ngx_current_msec - lookup.began;
    const ngx_msec_t moment = std::min<ngx_msec_t>(conf.lock_timeout / 10, 500);
    return waited >= conf.lock_timeout - moment && age + 1000 >= conf.lock_age;
}

// Whether a response to this request is nobody else's: then it is not to lead the others.
bool is_for_itself(const Context& context, Lookup& lookup) {
    if (!lookup.unstorable) {
        lookup.unstorable = asks_not_to_be_stored(context);
    }
    return *lookup.unstorable || is_refused_for_authorization(context);
}

// Whose turn it is to ask the backend. Without a stub to tell (a stale page, the raw format, an old
// memcached) that takes a lock.
Decision fill_lock_or_wait(Context& context, Lookup& lookup, Decision decision) {
    const LocationConf& conf = context.conf();
    decision.next = Next::Fill;
    if (!conf.lock || !conf.store || lookup.alone || is_unshared(context)) {
        return decision;
    }
    if (!context.fills_for_others() && is_asked_by_filler(context)) {
        return decision;
    }
    if (context.found.kind == Found::Stub && !context.fills_for_others() &&
        !stub_is_abandoned(context, lookup)) {
        return wait_for_fill(context, lookup, decision);
    }
    decision.for_itself = is_for_itself(context, lookup);
    if (!decision.for_itself && !context.fills_for_others()) {
        decision.next = Next::Lock;
    }
    return decision;
}

// The page is stale and served all the same; who gets the lock refreshes it. `behind`: by leave of
// the response, without being waited for.
Decision update(const Context& context, Lookup& lookup, bool behind, Decision decision) {
    const LocationConf& conf = context.conf();
    const bool in_background =
        (conf.background_update || behind) && can_refresh_in_background(context);
    const bool may_not_fetch = context.request_cache_control.only_if_cached && !in_background;
    if (!conf.store || may_not_fetch || is_for_itself(context, lookup)) {
        decision.next = Next::Serve;
        decision.status = Status::Stale;
    } else if (!context.holds_lock && !is_asked_by_filler(context)) {
        decision.next = Next::Lock;
        decision.if_lost = Next::Serve;
        decision.status = Status::Updating;
    } else if (context.holds_lock && in_background) {
        decision.next = Next::Serve;
        decision.status = Status::Stale;
        decision.refresh = true;
    }
    return decision;
}

// Who gets the lock fetches the page anew before it expires.
Decision serve_fresh(const Context& context, Lookup& lookup, bool refresh_early) {
    Decision decision = serve(Status::Hit, Reason::None);
    if (refresh_early && is_asked_by_filler(context)) {
        decision = Decision{};
        decision.reason = Reason::Expired;
    } else if (refresh_early && can_refresh_in_background(context) &&
               !is_for_itself(context, lookup)) {
        decision.next = context.holds_lock ? Next::Serve : Next::Lock;
        decision.if_lost = Next::Serve;
        decision.refresh = true;
    }
    return decision;
}

Decision judge_page(Context& context, Lookup& lookup) {
    const http::StoredFacts facts = stored_facts(context);
    const http::ReuseVerdict verdict =
        may_reuse(facts, context.request_cache_control, reuse_rules(context.conf()), ngx_time());
    if (verdict.reuse == Reuse::Fresh) {
        return serve_fresh(context, lookup, verdict.refresh_early);
    }
    if (verdict.reuse == Reuse::Stale) {
        return serve(Status::Stale, verdict.reason);
    }
    if (verdict.gateway_timeout) {
        return refuse();
    }
    Decision decision;
    decision.reason = verdict.reason;
    decision.revalidate = context.conf().revalidate && facts.has_validator;
    if (verdict.reuse != Reuse::StaleWhileRevalidate) {
        return fill_lock_or_wait(context, lookup, decision);
    }
    const format::EntryView& page = *context.found.page;
    const bool behind = ngx_time() - page.fresh_until < page.stale_while_revalidate;
    return update(context, lookup, behind, decision);
}

bool is_picked(const format::EntryView& page) {
    return (page.attributes & format::kPickedByEncoding) != 0;
}

bool is_main(const Context& context) {
    return context.request() == context.request()->main;
}

Decision judge_miss(Context& context, Lookup& lookup) {
    context.found.page = Page{};
    if (context.request_cache_control.only_if_cached) {
        return refuse();
    }
    if (is_known_too_large(context)) {
        return pass(Status::Miss, Reason::TooLarge);
    }
    if (range_is_too_far(context)) {
        return pass(Status::Miss, Reason::RangeOffset);
    }
    Decision decision;
    decision.reason = context.reason;
    if (context.conf().min_uses > 1 && !lookup.counted) {
        decision.next = Next::Count;
        return decision;
    }
    return fill_lock_or_wait(context, lookup, decision);
}

// Nobody can say who is to fill, and nothing can be stored: the requests of this worker share a
// fetch among themselves, so that the backend does not drown.
Decision judge_unavailable(Context& context, Lookup& lookup) {
    const LocationConf& conf = context.conf();
    WaitingRooms& rooms = conf.pool->waiting_rooms();
    Decision decision = pass_without_answer(context.found.result);
    context.found.unreachable = conf.lock && conf.store;
    if (!context.found.unreachable || lookup.alone || is_unshared(context) ||
        is_for_itself(context, lookup) || ngx_current_msec - lookup.began >= conf.lock_timeout) {
        return decision;
    }
    context.leads = rooms.lead(context.key.view());
    context.fill_began = rooms.moment();
    decision.next = Next::Fill;
    return context.leads ? decision : wait_for_fill(context, lookup, decision);
}

}  // namespace

Decision judge(Context& context, Lookup& lookup) {
    switch (context.found.kind) {
        case Found::Unavailable:
            return judge_unavailable(context, lookup);
        case Found::NotOurs:
            return pass(Status::Miss, Reason::ForeignFlags);
        case Found::Body:
            return serve(Status::Hit, Reason::None);
        case Found::Page:
            // nginx picks no compressed file for a subrequest, whose page may be put into another.
            return is_picked(*context.found.page) && !is_main(context)
                       ? pass(Status::Miss, Reason::VaryMiss)
                       : judge_page(context, lookup);
        default:
            return judge_miss(context, lookup);
    }
}

Decision counted(Context& context, const net::Result& uses, Lookup& lookup, Decision decision) {
    lookup.counted = true;
    if (uses.outcome == net::Outcome::Found && uses.number < context.conf().min_uses) {
        return pass(Status::Miss, Reason::MinUses);
    }
    return fill_lock_or_wait(context, lookup, decision);
}

Decision locked(Context& context, const net::Result& lock, Lookup& lookup, Decision decision) {
    context.holds_lock = lock.outcome == net::Outcome::Found;
    context.lock_cas = lock.cas;
    context.lock_life = lock.life;
    context.lock_taken = ngx_current_msec;
    if (context.holds_lock) {
        decision.next = Next::Again;  // whoever had it before may have stored the page meanwhile
        return decision;
    }
    decision.refresh = false;
    if (decision.if_lost == Next::Serve) {
        decision.next = Next::Serve;
        return decision;
    }
    decision.next = Next::Fill;
    return lock.outcome == net::Outcome::Missing ? wait_for_fill(context, lookup, decision)
                                                 : decision;
}

}  // namespace mcache::request
