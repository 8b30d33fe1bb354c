#include "memcached/client/name_watch.h"

#include <algorithm>
#include <utility>

#include "ngx/guard.h"
#include "ngx/text.h"

namespace mcache::net {

namespace {

constexpr ngx_msec_t kAtOnce = 1;
constexpr ngx_msec_t kSecond = 1000;
// A name that could not be resolved is tried again after resolver_timeout, within these limits.
constexpr ngx_msec_t kShortestPause = kSecond;
constexpr ngx_msec_t kLongestPause = 5 * kSecond;

memcached::Address with_port(const ngx_resolver_addr_t& address, in_port_t port) {
    memcached::Address bytes(reinterpret_cast<const char*>(address.sockaddr), address.socklen);
    ngx_inet_set_port(reinterpret_cast<sockaddr*>(bytes.data()), port);
    return bytes;
}

}  // namespace

NameWatch::NameWatch(const PoolOptions& pool, std::size_t line, Listener& listener)
    : pool_(pool), line_(line), listener_(listener) {
    timer_.data = this;
    timer_.handler = ngx::Guard<on_timer>::call;
    timer_.log = ngx_cycle->log;
    timer_.cancelable = 1;
    ngx_add_timer(&timer_, kAtOnce);
}

NameWatch::~NameWatch() {
    if (timer_.timer_set) {
        ngx_del_timer(&timer_);
    }
    if (under_way_ != nullptr) {
        ngx_resolve_name_done(under_way_);
    }
}

void NameWatch::on_timer(ngx_event_t* event) {
    auto& watch = *static_cast<NameWatch*>(event->data);
    // Whatever happens, also where there is no memory, it is tried again.
    ngx_add_timer(event, watch.pause());
    watch.ask();
}

void NameWatch::ask() {
    ngx_resolver_ctx_t* question = ngx_resolve_start(pool_.resolver, nullptr);
    if (question == nullptr || question == NGX_NO_RESOLVER) {
        return failed("no memory", 0);
    }
    question->name = ngx::str(pool_.servers[line_].written);
    question->handler = ngx::Guard<on_answer>::call;
    question->data = this;
    question->timeout = pool_.resolver_timeout;
    question->cancelable = 1;
    ngx_del_timer(&timer_);  // nginx will answer, in time
    under_way_ = question;
    if (ngx_resolve_name(question) != NGX_OK) {  // the question is gone
        under_way_ = nullptr;
        failed("the query cannot be sent", 0);
    }
}

// May come from within ngx_resolve_name().
void NameWatch::on_answer(ngx_resolver_ctx_t* answer) {
    auto& watch = *static_cast<NameWatch*>(answer->data);
    watch.under_way_ = nullptr;
    ngx_add_timer(&watch.timer_, watch.pause());
    if (answer->state != NGX_OK) {
        const ngx_int_t state = answer->state;
        ngx_resolve_name_done(answer);
        return watch.failed(ngx_resolver_strerror(state), state);
    }
    watch.take(*answer);
}

void NameWatch::take(ngx_resolver_ctx_t& answer) {
    std::vector<memcached::Address> addresses;
    addresses.reserve(answer.naddrs);
    for (ngx_uint_t i = 0; i < answer.naddrs; ++i) {
        addresses.push_back(with_port(answer.addrs[i], pool_.servers[line_].port));
    }
    // A second more: until then the resolver would give the same answer.
    const auto seconds = static_cast<ngx_msec_t>(std::max<time_t>(answer.valid - ngx_time(), 0));
    ngx_add_timer(&timer_, (seconds + 1) * kSecond);
    ngx_resolve_name_done(&answer);
    if (std::exchange(failing_, false)) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "mcache: \"%s\" of pool \"%s\" is resolved again",
                      pool_.servers[line_].written.c_str(), pool_.name.c_str());
    }
    listener_.resolved(line_, memcached::choose_addresses(std::move(addresses)),
                       !std::exchange(asked_, true));
}

// Who is known stays.
void NameWatch::failed(const char* why, ngx_int_t state) {
    asked_ = true;
    ngx_add_timer(&timer_, pause());
    if (!std::exchange(failing_, true)) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "mcache: \"%s\" of pool \"%s\" could not be resolved (%i: %s); its servers "
                      "stay unchanged until it is",
                      pool_.servers[line_].written.c_str(), pool_.name.c_str(), state, why);
    }
}

ngx_msec_t NameWatch::pause() const {
    return std::clamp(pool_.resolver_timeout, kShortestPause, kLongestPause);
}

}  // namespace mcache::net
