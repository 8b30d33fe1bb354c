#include "request/found.h"

#include "entry/item_flags.h"
#include "entry/manifest.h"
#include "request/context.h"
#include "request/log_check.h"
#include "request/stored_page.h"
#include "request/unshared.h"

namespace mcache::request {

using policy::Reason;

namespace {

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
    const StoredPage* page = StoredPage::of(*answer.value);
    if (page == nullptr || page->decoded() != entry::Decoded::Ok) {
        context.reason = page == nullptr ? Reason::OutOfMemory : Reason::Garbage;
        return Found::Nothing;
    }
    context.page = page->view();
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

}  // namespace

bool select_variant(Context& context, const VaryIndex& index) {
    context.variant_full_key = variant_key(context.request(), context.full_key, index);
    return entry::make_digest_key(context.variant_full_key, context.variant_key);
}

Found take(Context& context, net::Answer&& answer, net::Place at, std::string_view full_key,
           Lease& lease) {
    context.forget_page();
    context.answer = std::move(answer);
    context.softly_purged = context.softly_purged || context.answer.stale;
    lease = Lease::of(context.answer, at);
    switch (context.answer.outcome) {
        case net::Outcome::Found:
            return classify_value(context, context.answer, full_key);
        case net::Outcome::Missing:
            return Found::Nothing;
        default:
            return Found::Unavailable;
    }
}

Found take_variant(Context& context, net::Answer&& answer, net::Place at) {
    const Found found =
        take(context, std::move(answer), at, context.variant_full_key, context.variant_lease);
    return found == Found::Index ? Found::Nothing : found;
}

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

Found without_log(Context& context, net::Outcome outcome) {
    context.forget_page();
    context.answer.outcome = outcome;
    return Found::Unavailable;
}

}  // namespace mcache::request
