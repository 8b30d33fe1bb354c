#include "request/context.h"

#include "ngx/pool.h"
#include "request/await.h"
#include "request/client_watch.h"
#include "request/counters.h"

namespace mcache::request {

namespace {

// Whether the journey has a step from one state to another.
constexpr bool leads_to(State from, State to) {
    switch (to) {
        case State::Arrived:
            return false;
        case State::Waiting:
            return from == State::Arrived;
        case State::Hit:
            // From Filling: nginx redirects to the page of an error, and the stale page is served.
            return from == State::Arrived || from == State::Waiting || from == State::Filling ||
                   from == State::Deferred;
        case State::Deferred:
            return from == State::Waiting;
        case State::Filling:
            return from == State::Arrived || from == State::Waiting;
        case State::Capturing:
        case State::StandingIn:
            return from == State::Filling;
        case State::Passing:
            return from != State::Hit && from != State::StandingIn;
    }
    return false;
}

constexpr bool is_fill(State state) {
    return state == State::Filling || state == State::Capturing;
}

}  // namespace

void ContentPlace::go_back(ngx_http_request_t* r) const {
    if (loc_conf_ == nullptr || loc_conf_ == r->loc_conf) {
        return;
    }
    r->loc_conf = loc_conf_;
    r->uri = uri_;
    r->args = args_;
    ngx_http_update_location_config(r);
}

Context::~Context() {
    release();
    if (is_fill(state_)) {
        tally_fill_ended();
    }
    tally_request(*this);
}

Context* Context::find(ngx_http_request_t* r) {
    auto* context = static_cast<Context*>(ngx_http_get_module_ctx(r, ngx_http_mcache_module));
    if (context == nullptr && (r->internal || r->filter_finalize)) {
        // An internal redirect or a filter that made an error page cleared r->ctx. Subrequests
        // share the pool, so the context must be this request's own.
        context = ngx::pool_find<Context>(
            r->pool, [r](const Context& candidate) { return candidate.request() == r; });
        if (context != nullptr) {
            ngx_http_set_ctx(r, context, ngx_http_mcache_module);
        }
    }
    return context;
}

Context* Context::create(ngx_http_request_t* r) {
    auto* context = ngx::pool_new_recycled<Context>(r->pool, r, location_conf(r));
    if (context != nullptr) {
        ngx_http_set_ctx(r, context, ngx_http_mcache_module);
    }
    return context;
}

void Context::transition(State next) {
    if (!leads_to(state_, next)) {
        ngx_log_error(NGX_LOG_ALERT, request_->connection->log, 0,
                      "mcache: invalid state transition %d -> %d", static_cast<int>(state_),
                      static_cast<int>(next));
        next = State::Passing;
    }
    if (!is_fill(state_) && is_fill(next)) {
        tally_fill_began();
    } else if (is_fill(state_) && !is_fill(next)) {
        tally_fill_ended();
    }
    state_ = next;
}

void Context::pass(Status as, http::Reason why) {
    if (why == http::Reason::TooLarge && is_fill(state_)) {
        conf_.pool->too_large_pages().note(key.view(), ngx_time());
    }
    status = as;
    reason = why;
    transition(State::Passing);
    watch_client(*this);
    release();
}

void Context::release() {
    if (fills_for_others()) {
        take_claims().give_back();
    }
}

Claims Context::claims_of_lock() {
    Claims claims;
    claims.pool = conf_.pool;
    claims.key = key;
    claims.variant_key = variant_key;
    claims.lock_key = lock_key;
    claims.lock_server = lock_server;
    claims.holds_lock = std::exchange(holds_lock, false);
    claims.lock_cas = lock_cas;
    claims.lock_life = lock_life;
    claims.lock_taken = lock_taken;
    claims.lock_age = static_cast<ngx_msec_t>(1000 * (lock_seconds(conf_) - 1));
    return claims;
}

Claims Context::take_claims() {
    Claims claims = claims_of_lock();
    claims.lease = lease;
    claims.variant_lease = variant_lease;
    lease.held = variant_lease.held = false;
    claims.further = std::exchange(further, {});
    claims.further_variant = std::exchange(further_variant, {});
    claims.leads = std::exchange(leads, false);
    return claims;
}

SharedClaims Context::take_lock() {
    return holds_lock ? std::make_shared<ClaimsUntilStored>(claims_of_lock()) : nullptr;
}

void Context::wake_waiting(Wake why, net::Result made) {
    WaitingRooms& rooms = conf_.pool->waiting_rooms();
    if (!variant_key.view().empty()) {
        rooms.wake(variant_key.view(), why, made);
    }
    rooms.wake(key.view(), why, std::move(made));
}

}  // namespace mcache::request
