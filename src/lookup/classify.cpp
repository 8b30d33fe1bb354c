#include "lookup/classify.h"

#include "fill/hit_for_miss.h"
#include "format/item_flags.h"
#include "format/manifest.h"
#include "hit/part_reader.h"
#include "lookup/log_check.h"
#include "request/context.h"
#include "request/maker.h"
#include "request/stored_page.h"

namespace mcache::request {

using http::Reason;

namespace {

// The default key says which URL a page is of, the page itself which backend made it. A page that
// does not say so is an older mcache's.
bool is_of_backend(Context& context, const format::EntryView& page) {
    if (!context.conf().has_default_key || names_another_location(page, context.request())) {
        return true;  // or its backend is looked at there
    }
    const auto backend = page.section(format::kBackendSection);
    const bool same = backend && *backend == context.backend;
    context.found.of_another_backend = backend && !same;
    return same;
}

Found classify_value(Context& context, BufferRef&& value, std::string_view full_key) {
    const net::Result& result = context.found.result;
    switch (format::classify_item(result.flags, value ? value->view() : std::string_view())) {
        case format::ItemKind::NewerEntry:
            context.found.why = Reason::ForeignFlags;
            return Found::Nothing;
        case format::ItemKind::PlainBody:
            if (result.leased) {
                context.found.stub_ttl = result.ttl;
                return result.won ? Found::OurStub : Found::Stub;
            }
            if (value->size() == 0 || result.stale) {
                return Found::Nothing;
            }
            context.found.page = Page::body(std::move(value));
            return Found::Body;
        case format::ItemKind::Foreign:
            return Found::NotOurs;
        case format::ItemKind::Entry:
            break;
    }
    const StoredPage* stored = StoredPage::of(*value);
    if (stored == nullptr || stored->decoded() != format::Decoded::Ok) {
        context.found.why = stored == nullptr ? Reason::OutOfMemory : Reason::Garbage;
        return Found::Nothing;
    }
    Page page = Page::entry(std::move(value), *stored);
    if (page->key != full_key) {
        context.found.why = Reason::KeyMismatch;
        return Found::Nothing;
    }
    if (const auto refusals = refusals_marked(*page)) {
        context.found.refusals = *refusals;
        return Found::Unshared;
    }
    Found kind = Found::Page;
    format::Manifest manifest;
    if (is_index(*page)) {
        kind = read_index(*page, context.found.index) ? Found::Index : Found::Nothing;
    } else if (format::locate_body(*page, manifest) == format::Body::Corrupt) {
        kind = Found::Nothing;
    } else if (!is_of_backend(context, *page)) {
        context.found.why = Reason::KeyMismatch;
        return Found::Nothing;
    }
    if (kind == Found::Nothing) {
        context.found.why = Reason::Garbage;
        return kind;
    }
    context.found.page = std::move(page);
    return kind;
}

}  // namespace

bool select_variant(Context& context, const VaryIndex& index) {
    context.variant_full_key = variant_key(context, index);
    return format::derive_key_of_digest(context.variant_full_key, format::Derived::Variant,
                                        context.variant_key);
}

Found take(Context& context, net::Result&& result, net::Place at, std::string_view full_key,
           Lease& lease) {
    drop_page(context);
    BufferRef value = std::move(result.value);
    context.found.result = std::move(result);
    context.found.softly_purged = context.found.softly_purged || context.found.result.stale;
    context.found.refusals = 0;
    lease = Lease::of(context.found.result, at);
    switch (context.found.result.outcome) {
        case net::Outcome::Found:
            return classify_value(context, std::move(value), full_key);
        case net::Outcome::Missing:
            return Found::Nothing;
        default:
            return Found::Unavailable;
    }
}

Found take_variant(Context& context, net::Result&& result, net::Place at) {
    const Found found =
        take(context, std::move(result), at, context.variant_full_key, context.variant_lease);
    return found == Found::Index ? Found::Nothing : found;
}

Found judge_by_log(Context& context, const LogCheck& check, std::uint64_t cas) {
    switch (check.judge(context, cas)) {
        case format::Standing::Stands:
            return Found::Page;
        case format::Standing::Stale:
            context.found.softly_purged = true;
            return Found::Page;
        case format::Standing::Gone:
            break;
    }
    context.found.why = Reason::Purged;
    return Found::Nothing;
}

Found without_log(Context& context, net::Outcome outcome) {
    forget_page(context);
    context.found.result.outcome = outcome;
    return Found::Unavailable;
}

}  // namespace mcache::request
