#include "lookup/decide.h"

#include <algorithm>

namespace mcache::request {

using http::Reason;
using http::Reuse;

namespace {

Status status_of_fill(const LookupFacts& facts) {
    if (facts.unreachable) {
        return Status::Down;
    }
    return facts.found == Found::Page ? Status::Expired : Status::Miss;
}

Decision wait(const LookupFacts& facts, const Turn& turn, const LookupRules& rules) {
    if (turn.waited >= rules.lock_timeout) {
        return Pass{status_of_fill(facts), Reason::LockTimeout};
    }
    return WaitForFill{};
}

// The one that was to fill it has had its mcache_lock_age: it may be dead. Its stub stays, so that
// whoever stores first, it or the next, is the only one.
bool stub_is_abandoned(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                       const LookupRules& rules) {
    if (facts.stub_age > rules.lock_age || request.stub_known_for() >= rules.lock_age) {
        return true;
    }
    // memcached counts whole seconds. All that have waited for mcache_lock_timeout would go to the
    // backend together where the one that takes over for them comes a moment late.
    const std::int64_t moment = std::min<std::int64_t>(rules.lock_timeout / 10, 500);
    return turn.waited >= rules.lock_timeout - moment && facts.stub_age + 1000 >= rules.lock_age;
}

// Whose turn it is to ask the backend. Without a stub to tell (a stale page, the raw format, an old
// memcached) that takes a lock.
Decision fill_in_turn(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                      const LookupRules& rules, Fill fill) {
    if (!rules.lock || !rules.store || turn.alone || request.is_unshared()) {
        return fill;
    }
    if (!turn.fills_for_others && request.is_asked_by_filler()) {
        return fill;
    }
    if (facts.found == Found::Stub && !turn.fills_for_others &&
        !stub_is_abandoned(facts, request, turn, rules)) {
        return wait(facts, turn, rules);
    }
    fill.for_itself = request.is_for_itself();
    if (fill.for_itself || turn.fills_for_others) {
        return fill;
    }
    switch (turn.lock) {
        case Attempt::NotMade:
            return GetLock{};
        case Attempt::Lost:
            return wait(facts, turn, rules);
        default:
            return fill;
    }
}

// The page is stale and served all the same; who gets the lock refreshes it.
Decision update(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                const LookupRules& rules, const Fill& fill, std::int64_t now) {
    // By leave of the response, without being waited for.
    const bool behind = now - facts.page.fresh_until < facts.page.stale_while_revalidate;
    const bool in_background =
        (rules.background_update || behind) && request.can_refresh_in_background();
    const bool may_not_fetch = request.cache_control().only_if_cached && !in_background;
    if (!rules.store || may_not_fetch || request.is_for_itself()) {
        return Serve{Status::Stale, fill.reason, fill.revalidate, false};
    }
    if (turn.lock == Attempt::Held) {
        return in_background ? Decision(Serve{Status::Stale, fill.reason, fill.revalidate, true})
                             : fill;
    }
    if (request.is_asked_by_filler()) {
        return fill;
    }
    if (turn.lock == Attempt::NotMade) {
        return GetLock{};
    }
    return Serve{Status::Updating, fill.reason, fill.revalidate, false};
}

// Who gets the lock fetches the page anew before it expires.
Decision serve_fresh(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                     bool refresh_early) {
    Serve serve;
    if (!refresh_early) {
        return serve;
    }
    if (request.is_asked_by_filler()) {
        return Fill{status_of_fill(facts), Reason::Expired, false, false};
    }
    if (turn.lock == Attempt::Held || turn.lock == Attempt::NotMade) {
        const bool may_refresh = request.can_refresh_in_background() && !request.is_for_itself();
        if (may_refresh && turn.lock == Attempt::NotMade) {
            return GetLock{};
        }
        serve.refresh = may_refresh;
    }
    return serve;
}

Decision decide_page(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                     const LookupRules& rules, std::int64_t now) {
    // nginx picks no compressed file for a subrequest, whose page may be put into another.
    if (facts.picked_by_encoding && request.is_subrequest()) {
        return Pass{Status::Miss, Reason::VaryMiss};
    }
    const http::ReuseVerdict verdict =
        http::may_reuse(facts.page, request.cache_control(), rules.reuse, now);
    if (verdict.reuse == Reuse::Fresh) {
        return serve_fresh(facts, request, turn, verdict.refresh_early);
    }
    if (verdict.reuse == Reuse::Stale) {
        return Serve{Status::Stale, verdict.reason, false, false};
    }
    if (verdict.gateway_timeout) {
        return Refuse{};
    }
    const Fill fill{status_of_fill(facts), verdict.reason,
                    rules.revalidate && facts.page.has_validator, false};
    return verdict.reuse == Reuse::StaleWhileRevalidate
               ? update(facts, request, turn, rules, fill, now)
               : fill_in_turn(facts, request, turn, rules, fill);
}

Decision decide_miss(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                     const LookupRules& rules) {
    if (request.cache_control().only_if_cached) {
        return Refuse{};
    }
    if (request.is_known_too_large()) {
        return Pass{Status::Miss, Reason::TooLarge};
    }
    if (request.range_is_too_far()) {
        return Pass{Status::Miss, Reason::RangeOffset};
    }
    if (rules.counts_uses && turn.uses == Uses::NotCounted) {
        return CountThisUse{};
    }
    if (turn.uses == Uses::TooFew) {
        return Pass{Status::Miss, Reason::MinUses};
    }
    return fill_in_turn(facts, request, turn, rules,
                        Fill{status_of_fill(facts), facts.why, false, false});
}

// Nobody can say who is to fill, and nothing can be stored: the requests of this worker share a
// fetch among themselves, so that the backend does not drown.
Decision decide_blind(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                      const LookupRules& rules) {
    const bool may_share = rules.lock && rules.store && !turn.alone && !request.is_unshared() &&
                           !request.is_for_itself() && turn.waited < rules.lock_timeout;
    if (!may_share) {
        return Pass{Status::Down, facts.why};
    }
    switch (turn.lead) {
        case Attempt::NotMade:
            return GetLead{};
        case Attempt::Lost:
            return WaitForFill{};
        default:
            return Fill{status_of_fill(facts), facts.why, false, false};
    }
}

}  // namespace

Decision decide(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                const LookupRules& rules, std::int64_t now) {
    if (turn.lock == Attempt::Won) {
        return LookAgain{};  // whoever had it before may have stored the page meanwhile
    }
    switch (facts.found) {
        case Found::Unavailable:
            return decide_blind(facts, request, turn, rules);
        case Found::NotOurs:
            return Pass{Status::Miss, Reason::ForeignFlags};
        case Found::Body:
            return Serve{};
        case Found::Page:
            return decide_page(facts, request, turn, rules, now);
        default:
            return decide_miss(facts, request, turn, rules);
    }
}

namespace {

Fill without_page(const Fill& fill, Reason why) {
    const Status status = fill.status == Status::Down ? Status::Down : Status::Miss;
    return Fill{status, why, false, fill.for_itself};
}

}  // namespace

Decision after_too_many_looks(const LookupFacts& facts) {
    return Pass{status_of_fill(facts), facts.why};
}

Decision without_seat(const LookupFacts& facts) {
    return Pass{status_of_fill(facts), Reason::Busy};
}

Decision without_memory(const Decision& decision) {
    if (const Fill* fill = std::get_if<Fill>(&decision)) {
        return without_page(*fill, fill->reason);
    }
    return Pass{Status::Miss, Reason::Busy};
}

Decision without_part(const Decision& decision, Reason why) {
    const bool is_gone = why == Reason::PartMissing;
    if (const Fill* fill = std::get_if<Fill>(&decision)) {
        return without_page(*fill, is_gone ? why : Reason::Miss);
    }
    return is_gone ? Decision(LookAgain{}) : Pass{Status::Down, why};
}

}  // namespace mcache::request
