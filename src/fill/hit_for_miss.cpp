#include "fill/hit_for_miss.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "format/item_flags.h"
#include "ngx/pool.h"
#include "pool/replicas.h"
#include "request/await.h"
#include "request/context.h"

namespace mcache::request {

namespace {

using http::Blame;
using http::kMostRefusals;
using http::Reason;

constexpr std::uint16_t kMarkerStatus = 204;
constexpr std::int64_t kUnsharedSeconds = 10;

std::int64_t now() {
    return static_cast<std::int64_t>(ngx_current_msec);
}

http::Refusals& refusals(const Context& context) {
    return context.conf().pool->refusals();
}

// Where no memcached can say what lies there, nobody knows of variants.
std::string_view counted_key(const Context& context) {
    return context.found.unreachable ? context.key.view() : context.key_of_page();
}

// A marker that still counts for others is to last while they come.
bool renews_marker(const Context& context) {
    return context.found.kind == Found::Unshared && context.found.refusals >= kMostRefusals &&
           context.found.result.ttl <= kUnsharedSeconds / 2;
}

// Over the stub, or over the marker of the refusals before. Not over a page that may be served
// stale.
bool may_mark(const Context& context) {
    const Lease& lease = context.lease_of_page();
    return context.takes_leases() && !context.found.unreachable && !context.found.page &&
           (lease.cas || lease.vacant) &&
           (lease.held || context.holds_lock || renews_marker(context));
}

// A marker that lets nobody go outlives the lock that the next in line takes: with nothing there,
// one more would be let in beside it.
void mark(Context& context, unsigned count) {
    const char content = static_cast<char>(std::min(count, kMostRefusals));
    const format::EntrySection section{format::kHitForMissSection, {&content, 1}};
    format::EntryHead head;
    head.status = kMarkerStatus;
    head.generated = head.stored_at = head.fresh_until = ngx_time();
    head.key = context.full_key_of_page();
    head.sections = std::span(&section, 1);
    BufferRef value = format::encode_head(head);
    if (!value) {
        return;
    }
    const std::size_t size = value->size();
    net::StoreCommand command;
    command.flags = format::kEntryFlags;
    command.ttl = count < kMostRefusals
                      ? std::max(kUnsharedSeconds, lock_seconds(context.conf()) + 1)
                      : kUnsharedSeconds;
    command.parts.push_back({std::move(value), 0, size});
    FurtherLeases none;
    (void)store_copies(*context.conf().pool, context.key_of_page(), std::move(command),
                       context.lease_of_page(), none);
}

// The predicates of mcache_no_store, which are asked again of the response. What they make nginx
// remember of variables and captures is forgotten: it may be another when the response is there.
bool refuses_to_store(ngx_http_request_t* r, ngx_array_t* no_store) {
    if (no_store == nullptr) {
        return false;
    }
    const auto* conf = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    auto* const variables =
        ngx::pool_array<ngx_http_variable_value_t>(r->pool, conf->variables.nelts);
    if (variables == nullptr) {
        return false;
    }
    std::copy_n(r->variables, conf->variables.nelts, variables);
    const auto own_variables = std::exchange(r->variables, variables);
    const auto captures = std::exchange(r->captures, nullptr);
    const auto captures_data = std::exchange(r->captures_data, nullptr);
    const auto ncaptures = std::exchange(r->ncaptures, 0);
    const bool refuses = ngx_http_test_predicates(r, no_store) == NGX_DECLINED;
    r->variables = own_variables;
    r->captures = captures;
    r->captures_data = captures_data;
    r->ncaptures = ncaptures;
    return refuses;
}

}  // namespace

void note_refusal(Context& context, Reason why) {
    const Blame blame = http::blame_for(why);
    const bool counts = context.fills_for_others() || renews_marker(context);
    if (!context.conf().lock || blame == Blame::Cache || !counts) {
        return;
    }
    if (blame == Blame::Request) {
        if (why == Reason::Authorization) {
            refusals(context).note_authorization(counted_key(context), now());
        }
        return;
    }
    // A stream is no matter of the one response: nobody is to wait for the next one's header.
    const unsigned weight = why == Reason::Stream ? kMostRefusals : 1;
    unsigned count = context.found.refusals + weight;
    if (may_mark(context)) {
        mark(context, count);
    } else {
        count =
            context.found.refusals + refusals(context).note(counted_key(context), now(), weight);
    }
    if (count >= kMostRefusals) {
        context.wake_waiting(Wake::GoAlone);
    }
}

void forget_refusals(const Context& context) {
    refusals(context).forget(counted_key(context));
}

bool is_unshared(const Context& context) {
    return context.found.refusals + refusals(context).count(counted_key(context), now()) >=
           kMostRefusals;
}

bool asks_not_to_be_stored(const Context& context) {
    ngx_http_request_t* r = context.request();
    return (r->method == NGX_HTTP_HEAD && !context.conf().convert_head) ||
           context.request_cache_control.no_store || refuses_to_store(r, context.conf().no_store);
}

bool is_refused_for_authorization(const Context& context) {
    return context.request()->headers_in.authorization != nullptr &&
           refusals(context).refuses_authorization(counted_key(context), now());
}

std::optional<unsigned> refusals_marked(const format::EntryView& entry) {
    const auto section = entry.section(format::kHitForMissSection);
    if (!section) {
        return std::nullopt;
    }
    return section->empty() ? kMostRefusals : static_cast<unsigned char>(section->front());
}

}  // namespace mcache::request
