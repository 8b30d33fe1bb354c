#include "fill/store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "base/text.h"
#include "fill/acting_fields.h"
#include "fill/capture.h"
#include "fill/hit_for_miss.h"
#include "fill/origin_response.h"
#include "fill/part_writer.h"
#include "fill/stamp.h"
#include "format/item_flags.h"
#include "format/manifest.h"
#include "format/origin_fields.h"
#include "http/hop_by_hop.h"
#include "http/http_date.h"
#include "http/validators.h"
#include "ngx/fields.h"
#include "ngx/guard.h"
#include "ngx/pool.h"
#include "ngx/upstream.h"
#include "pool/replicas.h"
#include "request/context.h"
#include "request/maker.h"
#include "request/stored_page.h"

namespace mcache::request {

namespace {

constexpr std::size_t kTypicalFields = 16;

std::uint32_t window(std::int64_t seconds) {
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

format::EntryHead head_of(const http::Verdict& verdict) {
    format::EntryHead head;
    head.generated = verdict.generated;
    head.stored_at = ngx_time();
    head.fresh_until = verdict.fresh_until;
    head.stale_while_revalidate = window(verdict.stale_while_revalidate);
    head.stale_if_error = window(verdict.stale_if_error);
    head.attributes =
        format::kBodyComplete | (verdict.must_revalidate ? format::kMustRevalidate : 0);
    return head;
}

// What goes into the entry beside the fields that are sent; `content` is to live as long as it.
void keep_origin_fields(const ngx_http_request_t* r, std::span<const format::EntryHeader> kept,
                        format::EntryHead& head, std::string& content,
                        std::vector<format::EntrySection>& sections) {
    head.attributes |= acting_fields(r, kept);
    content = format::encode_origin_fields(kept);
    sections.push_back({format::kOriginSection, content});
}

void keep_status_line(std::string_view line, format::EntryHead& head,
                      std::vector<format::EntrySection>& sections) {
    if (!line.empty() && line != format::kUsualStatusLine) {
        head.attributes |= format::kStatusLine;
        sections.push_back({format::kStatusLineSection, line});
    }
}

// Of a head that could not be encoded.
http::Reason why_not(const format::EntryHead& head) {
    return format::encoded_head_size(head) == 0 ? http::Reason::HeaderInvalid
                                                : http::Reason::OutOfMemory;
}

std::vector<format::EntrySection> sections_of(const PurgeSections& purges) {
    std::vector<format::EntrySection> sections;
    purges.for_each([&](const format::EntrySection& section) { sections.push_back(section); });
    return sections;
}

// Also where the key tells pages apart: another location may have the same key by default.
void name_backend(const Context& context, std::vector<format::EntrySection>& sections) {
    std::string_view backend = context.backend;
    if (context.conf().has_default_key ||
        backend_of(context.request(), context.conf().origin, backend)) {
        sections.push_back({format::kBackendSection, backend});
    }
}

// Whether there are pages of other backends under the URL.
bool shares_url(const Context& context) {
    const std::vector<std::string_view> known = format::index_names(context.found.index);
    return context.found.of_another_backend ||
           std::find(known.begin(), known.end(), kBackendField) != known.end();
}

std::vector<format::EntrySection> sections_of(const Context& context, const PurgeSections& purges) {
    std::vector<format::EntrySection> sections = sections_of(purges);
    name_backend(context, sections);
    if (const auto maker = maker_section(context.request())) {
        sections.push_back(*maker);
    }
    return sections;
}

// Where the response is to lie: under the URL's key, or where it varies under the variant's.
bool choose_key(Context& context, http::HeaderFields fields) {
    const bool varies = (context.conf().ignore_headers & kIgnoreVary) == 0;
    http::VaryNames names = varies ? http::parse_vary(fields) : http::VaryNames();
    if (shares_url(context)) {
        names.add(kBackendField);
    }
    std::string full_key;
    if (names.empty()) {
        context.found.index = VaryIndex{};
    } else {
        context.found.index =
            extended(context.found.index_is_purged ? VaryIndex{} : context.found.index, names);
        full_key = variant_key(context, context.found.index);
    }
    if (full_key == context.variant_full_key) {
        return true;  // where the request looked
    }
    give_back(*context.conf().pool, context.variant_key.view(), context.variant_lease,
              context.further_variant);
    context.variant_lease = Lease{};
    context.further_variant.clear();
    context.variant_full_key = std::move(full_key);
    if (context.variant_full_key.empty()) {
        return true;
    }
    if (!format::derive_key_of_digest(context.variant_full_key, format::Derived::Variant,
                                      context.variant_key)) {
        return false;
    }
    // Nobody finds it there but by an index that is stored over what was leased.
    const std::vector<net::Place> places = context.client().places(context.variant_key.view());
    context.variant_lease.at = places.front();
    for (std::size_t i = 1; i < places.size(); ++i) {
        context.further_variant.emplace_back().at = places[i];
    }
    return true;
}

// The index lives as long as the variant that was stored last. False when there is no memory.
bool make_index(const Context& context, std::int64_t ttl, net::StoreCommand& command) {
    const PurgeSections purges = purge_sections_of_index(context);
    BufferRef value = encode_index(context.full_key, context.found.index, context.store_until,
                                   sections_of(purges));
    if (!value) {
        return false;
    }
    const std::size_t size = value->size();
    command.flags = format::kEntryFlags;
    command.ttl = std::max(ttl, context.found.index_ttl);
    command.parts.push_back({std::move(value), 0, size});
    return true;
}

void store_index(Context& context, std::int64_t ttl, const SharedClaims& lock) {
    net::StoreCommand command;
    if (make_index(context, ttl, command) &&
        store_for_all(*context.conf().pool, context.key.view(), std::move(command), context.lease,
                      context.further, lock)) {
        context.conf().pool->vary_memory().remember(context.full_key, context.found.index);
    }
}

// Sends the value off. Reason::None when it is on its way.
http::Reason send_off(Context& context, net::StoreCommand&& command) {
    const bool varies = context.varies();
    const std::string_view key = context.key_of_page();
    const std::int64_t ttl = command.ttl;
    if (ttl <= 0) {
        return http::Reason::AlreadyStale;
    }
    if (!context.client().fits(key, command.size())) {
        return http::Reason::TooLarge;
    }
    Pool& pool = *context.conf().pool;
    const SharedClaims lock = context.take_lock();
    if (!store_for_all(pool, key, std::move(command), context.lease_of_page(),
                       varies ? context.further_variant : context.further, lock)) {
        return http::Reason::Down;
    }
    if (varies) {
        store_index(context, ttl, lock);
    }
    return http::Reason::None;
}

// For those who wait in this worker, where no memcached has the index.
void remember_index(const Context& context) {
    VaryMemory& memory = context.conf().pool->vary_memory();
    if (context.varies()) {
        memory.remember(context.full_key, context.found.index);
    } else {
        memory.forget(context.full_key);
    }
}

// And that holds nothing else: a raw body's has room for more.
bool lies_in_one_buffer(const net::StoreCommand& command) {
    return command.parts.size() == 1 &&
           command.parts.front().size == command.parts.front().buffer->size();
}

// The value as those who wait in this worker can use it without asking memcached. It then lies in
// one piece, which is what is stored.
std::optional<net::Result> made_for_waiting(const Context& context, net::StoreCommand& command) {
    const WaitingRooms& rooms = context.conf().pool->waiting_rooms();
    if (!rooms.anybody_waits(context.key.view()) && !rooms.anybody_waits(context.key_of_page())) {
        return std::nullopt;
    }
    const std::size_t size = command.size();
    BufferRef value;
    if (lies_in_one_buffer(command)) {
        value = command.parts.front().buffer;
    } else if ((value = BufferRef::allocate(size))) {
        char* to = value->data();
        for (const memcached::BufferSlice& part : command.parts) {
            to = std::copy_n(part.buffer->data() + part.offset, part.size, to);
        }
        command.parts.clear();
        command.parts.push_back({value, 0, size});
    } else {
        return std::nullopt;
    }
    net::Result made;
    made.outcome = net::Outcome::Found;
    made.value = std::move(value);
    made.flags = command.flags;
    made.cas = context.lease_of_page().cas.value_or(0);
    made.number = context.fill_began;
    made.ttl = command.ttl;
    made.server = &context.client().server(context.lease_of_page().at.server);
    return made;
}

void wake_waiting(Context& context, std::optional<net::Result>&& made) {
    forget_refusals(context);
    if (made) {
        context.wake_waiting(Wake::Made, std::move(*made));
    } else {
        context.wake_waiting(Wake::LookAgain);
    }
}

// An entry says itself until when it is fresh: memcached, whose clock has whole seconds, may keep
// it a second longer but must not drop it early.
std::int64_t entry_ttl(const Context& context) {
    return context.store_until - ngx_time() + 1;
}

http::Validators validators_of(const format::EntryView& page) {
    http::Validators validators;
    page.for_each_header([&](const format::EntryHeader& header) {
        validators.add({header.name, header.value});
    });
    return validators;
}

// What becomes of a body that does not fit into one item.
LargePlan large_plan(const Context& context) {
    LargePlan plan;
    if (context.conf().stored_format() == Format::Entry && !context.found.unreachable) {
        plan.pool = context.conf().pool;
        plan.full_key = context.full_key_of_page();
        plan.ttl = entry_ttl(context);
        plan.limit = context.conf().max_size;
    }
    return plan;
}

// The largest body that fits into one item behind the head.
std::size_t room_for_body(const Context& context, std::size_t head_size) {
    const std::size_t room = context.client().largest_value(context.key_of_page().size());
    return std::min(context.conf().max_size, room - std::min(room, head_size));
}

// The request ends, and the last of the body never came. Runs before the request is logged.
void end_capture(void* data) {
    Context& context = *static_cast<Context*>(data);
    if (context.state() == State::Capturing) {
        drop_capture(context, http::Reason::Incomplete);
    }
}

// The entry is stored when the parts are, without the request.
http::Reason store_in_parts(Context& context, std::unique_ptr<LargeStore> parts) {
    const bool varies = context.varies();
    const std::int64_t ttl = entry_ttl(context);
    if (ttl <= 0) {
        return http::Reason::AlreadyStale;
    }
    if (!parts->end_body()) {
        return http::Reason::Down;
    }
    if (ngx::takes_ranges_away(context.request(), context.capture->has_length())) {
        context.conf().pool->rangeless_pages().note(context.key.view(), ngx_time());
    }
    const std::array<char, format::kManifestSize> manifest =
        format::encode_manifest(parts->manifest());
    const std::string_view head = context.capture->head_view();
    const std::size_t size = head.size() + format::kSectionRecordSize + manifest.size();
    BufferRef value = BufferRef::allocate(size);
    LastStores last;
    if (!value || (varies && !make_index(context, ttl, last.index))) {
        return http::Reason::OutOfMemory;
    }
    format::add_section(head, {format::kManifestSection, {manifest.data(), manifest.size()}},
                        value->data());
    if (!context.client().fits(context.key_of_page(), size)) {
        return http::Reason::TooLarge;
    }
    last.varies = varies;
    last.entry.flags = format::kEntryFlags;
    last.entry.ttl = ttl;
    last.entry.parts.push_back({std::move(value), 0, size});
    last.index_key = context.full_key;
    last.known = context.found.index;
    last.claims = context.take_claims();
    LargeStore::finish(std::move(parts), std::move(last));
    return http::Reason::None;
}

}  // namespace

http::Reason begin_capture(Context& context, const http::Verdict& verdict,
                           http::HeaderFields fields) {
    using http::Reason;
    ngx_http_request_t* r = context.request();
    BufferRef head;
    if (context.conf().stored_format() == Format::Entry) {
        std::vector<format::EntryHeader> stored;
        stored.reserve(kTypicalFields);
        // Connection is not among what goes to the client, but names what does not.
        const http::FieldNames named = http::named_in_connection(fields);
        if (!collect_stored_fields(r, fields, named, stored) || !choose_key(context, fields)) {
            return Reason::OutOfMemory;
        }
        PurgeSections purges;
        if (const Reason why = make_purge_sections(context, purges); why != Reason::None) {
            return why;
        }
        std::vector<format::EntrySection> sections = sections_of(context, purges);
        format::EntryHead facts = head_of(verdict);
        std::string origin;
        if (ngx::is_from_upstream(r)) {
            keep_origin_fields(r, fields_to_keep(r, fields, stored, named), facts, origin,
                               sections);
        }
        keep_status_line(ngx::view(r->headers_out.status_line), facts, sections);
        facts.status = static_cast<std::uint16_t>(r->headers_out.status);
        facts.last_modified = r->headers_out.last_modified_time;
        facts.attributes |= picked_by_encoding(r) ? format::kPickedByEncoding : 0;
        facts.key = context.full_key_of_page();
        facts.headers = stored;
        facts.sections = sections;
        head = format::encode_head(facts);
        if (!head) {
            return why_not(facts);
        }
    }
    context.capture = ngx::pool_new<Capture>(r->pool, context.client());
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
    if (context.capture == nullptr || cleanup == nullptr) {
        return Reason::OutOfMemory;
    }
    cleanup->handler = ngx::Guard<end_capture>::call;
    cleanup->data = &context;
    context.store_until = verdict.keep_until;
    context.ends_by_record = ngx::ends_by_record(r);
    const LargePlan plan = large_plan(context);
    const std::size_t limit =
        plan.pool == nullptr ? largest_item(context.conf()) : room_for_body(context, head->size());
    context.capture->begin(std::move(head), r->headers_out.content_length_n, limit, plan);
    context.transition(State::Capturing);
    return Reason::None;
}

bool freshen(Context& context) {
    ngx_http_request_t* r = context.request();
    const std::vector<http::HeaderField> news = collect_fields(ngx::origin_fields(r));
    if (http::speaks_of_another(validators_of(*context.found.page), http::validators_of(news),
                                ngx_time())) {
        context.client().remove_everywhere(context.key_of_page());
        context.reason = http::Reason::Status;
        return true;
    }
    std::vector<format::EntryHeader> merged;
    std::vector<http::HeaderField> fields;
    std::vector<std::string_view> names;
    for (const http::HeaderField& field : news) {
        if (http::updates_stored_field(field.name)) {
            names.push_back(field.name);
        }
    }
    const http::FieldNames replaced(std::move(names));
    const http::FieldNames named = http::named_in_connection(news);
    const StoredNames stored(r, named);
    context.found.page->for_each_header([&](const format::EntryHeader& header) {
        if (!replaced.contains(header.name)) {
            merged.push_back(header);
            fields.push_back({header.name, header.value});
        }
    });
    for (const http::HeaderField& field : news) {
        if (!http::updates_stored_field(field.name)) {
            continue;
        }
        fields.push_back(field);
        if (stored.contains(field.name)) {
            merged.push_back({format::classify(field.name), field.name, field.value});
        }
    }
    std::vector<format::EntryHeader> kept = fields_to_keep(r, news, merged, named);
    std::erase_if(kept, [](const format::EntryHeader& field) {
        return !http::updates_stored_field(field.name);
    });
    for (const format::EntryHeader& field :
         format::origin_fields(*context.found.page).value_or(std::vector<format::EntryHeader>())) {
        if (replaced.contains(field.name)) {
            continue;
        }
        kept.push_back(field);
        if (!is_made_anew(field.id)) {
            fields.push_back({field.name, field.value});
        }
    }
    const std::uint32_t picked = context.found.page->attributes & format::kPickedByEncoding;
    if (picked != 0) {
        fields.push_back({"Vary", kPickedBy});
    }
    http::Verdict verdict = judge_freshened(context, context.found.page->status, fields);
    if (!verdict.storable()) {
        context.reason = verdict.reason;
        return true;
    }
    format::Manifest manifest;
    if (format::locate_body(*context.found.page, manifest) == format::Body::InParts) {
        verdict.keep_until = std::min(verdict.keep_until, manifest.parts_until);
        verdict.fresh_until = std::min(verdict.fresh_until, manifest.parts_until);
    }
    if (!choose_key(context, fields)) {
        return false;
    }
    PurgeSections purges;
    context.reason = make_purge_sections(context, purges);
    if (context.reason != http::Reason::None) {
        return true;
    }
    std::vector<format::EntrySection> sections = sections_of(context, purges);
    if (const auto parts = context.found.page->section(format::kManifestSection)) {
        sections.push_back({format::kManifestSection, *parts});
    }
    format::EntryHead facts = head_of(verdict);
    facts.attributes |= picked;
    std::string origin;
    keep_origin_fields(r, kept, facts, origin, sections);
    keep_status_line(format::status_line(*context.found.page), facts, sections);
    facts.status = context.found.page->status;
    facts.last_modified =
        http::parse_http_date(http::validators_of(fields).last_modified, ngx_time())
            .value_or(context.found.page->last_modified);
    facts.key = context.full_key_of_page();
    facts.headers = merged;
    facts.sections = sections;
    facts.body_size = context.found.page->body.size();
    BufferRef value = format::encode_head(facts, context.found.page->body.size());
    if (!value) {
        context.reason = why_not(facts);
        return true;
    }
    const std::string_view body = context.found.page->body;
    std::copy(body.begin(), body.end(), value->data() + (value->size() - body.size()));
    const StoredPage* page = StoredPage::of(*value);
    if (page == nullptr || page->decoded() != format::Decoded::Ok) {
        return false;
    }
    context.found.page = Page::entry(value, *page);
    context.store_until = verdict.keep_until;
    net::StoreCommand command;
    command.flags = format::kEntryFlags;
    command.ttl = entry_ttl(context);
    command.parts.push_back({value, 0, value->size()});
    std::optional<net::Result> made = made_for_waiting(context, command);
    context.reason = send_off(context, std::move(command));
    wake_waiting(context, std::move(made));
    return true;
}

void drop_capture(Context& context, http::Reason why) {
    if (context.capture != nullptr) {
        context.capture->drop();
    }
    context.pass(context.status, why);
}

void store(Context& context) {
    const ngx_http_request_t* r = context.request();
    if (!context.capture->complete() || (context.ends_by_record && !ngx::record_has_ended(r))) {
        return drop_capture(context, http::Reason::Incomplete);
    }
    if (r->headers_out.trailers.part.nelts != 0) {
        note_refusal(context, http::Reason::Trailers);
        return drop_capture(context, http::Reason::Trailers);
    }
    if (std::unique_ptr<LargeStore> parts = context.capture->take_large()) {
        const http::Reason refusal = store_in_parts(context, std::move(parts));
        forget_refusals(context);
        return refusal == http::Reason::None ? context.pass(context.status, context.reason)
                                             : drop_capture(context, refusal);
    }
    net::StoreCommand command;
    if (char* head = context.capture->head()) {
        format::patch_body_size(head, context.capture->size());
        command.flags = format::kEntryFlags;
        command.ttl = entry_ttl(context);
    } else {
        command.ttl = context.store_until - ngx_time();
    }
    command.parts = context.capture->take();
    if (context.found.unreachable) {
        remember_index(context);
    }
    std::optional<net::Result> made = made_for_waiting(context, command);
    const http::Reason refusal =
        context.found.unreachable ? context.miss_reason : send_off(context, std::move(command));
    wake_waiting(context, std::move(made));
    if (refusal != http::Reason::None) {
        return drop_capture(context, refusal);
    }
    context.pass(context.status, context.reason);
}

}  // namespace mcache::request
