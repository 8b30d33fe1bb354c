#include "request/unshared.h"

#include <span>
#include <utility>

#include "entry/item_flags.h"
#include "request/context.h"
#include "request/copies.h"

namespace mcache::request {

namespace {

constexpr std::uint16_t kUnsharedSection = 2;
constexpr std::uint16_t kMarkerStatus = 204;
constexpr std::int64_t kUnsharedSeconds = 10;

}  // namespace

void let_waiting_go(Context& context) {
    if (context.conf().lock && context.fills_for_others()) {
        context.wake_waiting(Word::GoAlone);
    }
}

void mark_unshared(Context& context) {
    if (!context.conf().lock || !context.fills_for_others()) {
        return;
    }
    let_waiting_go(context);
    // A page that some errors may yet be answered with is not given up for another.
    const bool page_stays =
        context.found.page && (context.request()->headers_out.status >= NGX_HTTP_BAD_REQUEST ||
                               context.request()->background);
    Lease& lease = context.lease_of_page();
    if (context.found.unreachable) {
        context.conf().pool->waiting_rooms().mark_unshared(context.key.view());
    }
    const bool known = lease.cas || lease.vacant;
    const bool our_turn = lease.held || context.holds_lock;
    if (!context.takes_leases() || !known || !our_turn || page_stays) {
        return;
    }
    const entry::EntrySection section{kUnsharedSection, {}};
    entry::EntryHead head;
    head.status = kMarkerStatus;
    head.generated = head.stored_at = head.fresh_until = ngx_time();
    head.key = context.full_key_of_page();
    head.sections = std::span(&section, 1);
    BufferRef value = entry::encode_head(head);
    if (!value) {
        return;
    }
    const std::size_t size = value->size();
    net::StoreCommand command;
    command.flags = entry::kEntryFlags;
    command.ttl = kUnsharedSeconds;
    command.parts.push_back({std::move(value), 0, size});
    FurtherLeases none;
    (void)store_copies(*context.conf().pool, context.key_of_page(), std::move(command), lease,
                       none);
}

bool is_unshared_marker(const entry::EntryView& entry) {
    return entry.section(kUnsharedSection).has_value();
}

}  // namespace mcache::request
