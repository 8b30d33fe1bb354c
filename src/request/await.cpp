#include "request/await.h"

#include <algorithm>
#include <new>
#include <string>

#include "ngx/guard.h"
#include "request/context.h"

namespace mcache::request {

namespace {

std::int64_t whole_seconds(ngx_msec_t time) {
    return static_cast<std::int64_t>((time + 999) / 1000);
}

bool make_lock_key(const Context& context, format::Key& key) {
    return format::derive_key(context.varies() ? context.variant_key : context.key,
                              format::Derived::Lock, key);
}

}  // namespace

void step(Context& context, std::coroutine_handle<> journey) {
    journey.resume();
    if (context.journey.done()) {
        context.journey = Journey();  // its frame is not kept while the response is being sent
        continue_request(context);
    }
}

void AwaitResult::answered(const net::Result& result) {
    result_ = result;
    go_on();
}

void AwaitResult::go_on() {
    pending_ = false;
    if (journey_) {
        step(context_, journey_);
    }
}

std::int64_t stub_seconds(const LocationConf& conf) {
    constexpr std::int64_t kShortest = 60;
    return std::max(kShortest, 2 * (whole_seconds(conf.lock_age) + 1));
}

// Its end may come almost a second early. A short mcache_lock_age would be none then; a long one is
// to end before those who wait for it have waited as long.
std::int64_t lock_seconds(const LocationConf& conf) {
    constexpr std::int64_t kShort = 2;
    const std::int64_t age = whole_seconds(conf.lock_age);
    return age <= kShort ? age + 1 : age;
}

bool holds_lock_of_page(const Context& context) {
    format::Key key;
    return make_lock_key(context, key) && key.view() == context.lock_key.view();
}

std::int64_t lease_seconds(const Context& context, bool with_lease) {
    return with_lease && context.takes_leases() ? stub_seconds(context.conf()) : 0;
}

Get::Get(Context& context, net::Place at, std::string_view key, bool with_lease)
    : AwaitResult(context) {
    pending_ = context.client().get(at.server, key, lease_seconds(context, with_lease), listener(),
                                    result_);
}

Peek::Peek(Context& context, net::ServerIndex server, std::string_view key) : AwaitResult(context) {
    pending_ = context.client().peek(server, key, 0, listener(), result_);
}

TakeFurtherLeases::TakeFurtherLeases(Context& context, bool wanted) : context_(context) {
    if (!wanted || context.client().options().replicas == 1 || !context.takes_leases()) {
        return;
    }
    leases_ = std::make_unique<std::deque<Taken>>();
    begin(context.key, context.lease, context.further);
    if (context.varies() && !context.variant_key.view().empty()) {  // a bypass selects none
        begin(context.variant_key, context.variant_lease, context.further_variant);
    }
}

void TakeFurtherLeases::begin(const format::Key& key, const Lease& first, FurtherLeases& further) {
    if (first.at.gutter) {
        return;
    }
    net::Client& client = context_.client();
    for (const net::Place at : client.places(key.view())) {
        net::Result refusal;
        if (at.server == first.at.server || at.gutter) {
            continue;
        }
        Taken& lease = leases_->emplace_back();
        lease.all = this;
        lease.into = &further;
        lease.at = at;
        under_way_ +=
            client.peek(at.server, key.view(), stub_seconds(context_.conf()), lease, refusal) ? 1
                                                                                              : 0;
    }
}

// A server that cannot be asked gets no copy.
void TakeFurtherLeases::taken(Taken& lease, const net::Result& result) {
    if (result.outcome == net::Outcome::Found || result.outcome == net::Outcome::Missing) {
        const auto same =
            std::find_if(lease.into->begin(), lease.into->end(),
                         [&](const Lease& other) { return other.at.server == lease.at.server; });
        Lease now = Lease::of(result, lease.at);
        if (same == lease.into->end()) {
            try {
                lease.into->push_back(now);
            } catch (const std::bad_alloc&) {
                // No copy is stored there, and the stub dies by itself.
            }
        } else {
            now.held = now.held || (same->held && same->cas == now.cas);
            *same = now;
        }
    }
    if (--under_way_ == 0) {
        step(context_, journey_);
    }
}

TakeLock::TakeLock(Context& context) : AwaitResult(context) {
    if (!make_lock_key(context, context.lock_key)) {
        return;
    }
    net::Client& client = context.client();
    context.lock_server = client.place(context.lock_key.view()).server;
    pending_ = client.lock(context.lock_server, context.lock_key.view(),
                           lock_seconds(context.conf()), listener(), result_);
}

CountUse::CountUse(Context& context) : AwaitResult(context) {
    format::Key key;
    if (format::derive_key(context.key, format::Derived::Uses, key)) {
        const std::int64_t ttl = std::max<std::int64_t>(context.conf().keep_stale, 1);
        net::Client& client = context.client();
        pending_ =
            client.count(client.place(key.view()).server, key.view(), ttl, listener(), result_);
    }
}

Remove::Remove(Context& context, net::ServerIndex server, std::string_view key,
               const net::RemoveCommand& command)
    : AwaitResult(context) {
    pending_ = context.client().remove(server, key, command, listener(), result_);
}

Append::Append(Context& context, net::ServerIndex server, std::string_view key, BufferRef text)
    : AwaitResult(context) {
    const std::size_t size = text->size();
    net::StoreCommand command;
    command.mode = memcached::SetMode::Append;
    command.parts.push_back({std::move(text), 0, size});
    pending_ = context.client().store(server, key, std::move(command), listener(), result_);
}

AwaitFill::AwaitFill(Context& context, ngx_msec_t looked) : AwaitResult(context) {
    context.conf().pool->waiting_rooms().enter(context.key_of_page(), looked, listener());
    pending_ = true;
}

}  // namespace mcache::request
