#include "fill/stamp.h"

#include <vector>

#include "format/tags.h"
#include "ngx/pool.h"
#include "pool/purge_log_reader.h"
#include "request/context.h"

namespace mcache::request {

namespace {

using http::Reason;

// False when there is no memory.
bool evaluate_tags(Context& context, std::string_view& list) {
    ngx_http_complex_value_t* tags = context.conf().tags;
    ngx_str_t value{0, nullptr};
    if (tags != nullptr && ngx_http_complex_value(context.request(), tags, &value) != NGX_OK) {
        return false;
    }
    list = ngx::view(value);
    return true;
}

std::string_view tags_of_page(const Context& context) {
    const auto section = context.found.page->section(format::kPurgeSection);
    const auto facts = section ? format::decode_purge_facts(*section) : std::nullopt;
    return facts ? facts->tags : std::string_view();
}

std::string further_stamps(const Context& context, const FurtherLeases& leases) {
    std::vector<format::Stamp> stamps;
    for (const Lease& lease : leases) {
        stamps.push_back(context.stamps[lease.at.server]);
    }
    return format::encode_stamps(stamps);
}

}  // namespace

void take_stamps(Context& context) {
    if (!context.conf().checks_purge_log() || context.conf().stored_format() != Format::Entry) {
        return;
    }
    Pool& pool = *context.conf().pool;
    ngx_pool_t* memory = context.request()->pool;
    const std::size_t servers = context.client().server_count();
    auto* const stamps = ngx::pool_array<format::Stamp>(memory, servers);
    context.stamps = {stamps, stamps == nullptr ? 0 : servers};
    for (net::ServerIndex i = 0; i < context.stamps.size(); ++i) {
        if (!context.client().is_member(i)) {
            continue;
        }
        context.stamps[i] = pool.purge_logs().site(context.site(), servers).copies[i].log.end();
        if (context.stamps[i].epoch == 0) {
            ngx::pool_new<UnawaitedPurgeLog>(memory, pool, context.site(), i);
        }
    }
}

Reason make_purge_sections(Context& context, PurgeSections& out) {
    if (!context.conf().checks_purge_log() || context.found.unreachable) {
        return Reason::None;
    }
    const net::ServerIndex server = context.lease_of_page().at.server;
    // A server that came since has no stamp.
    if (server >= context.stamps.size() || context.stamps[server].epoch == 0) {
        return Reason::PurgeLog;
    }
    std::string_view list;
    std::string tags;
    if (!evaluate_tags(context, list)) {
        return Reason::OutOfMemory;
    }
    if (format::parse_tags(list, tags) != Parse::Ok) {
        return Reason::Tags;
    }
    const bool revalidated = context.request()->headers_out.status == NGX_HTTP_NOT_MODIFIED;
    out.facts = format::encode_purge_facts(
        {context.stamps[server], tags.empty() && revalidated ? tags_of_page(context) : tags});
    out.further =
        further_stamps(context, context.varies() ? context.further_variant : context.further);
    return Reason::None;
}

PurgeSections purge_sections_of_index(const Context& context) {
    PurgeSections out;
    if (context.client().options().may_miss_purges() &&
        context.lease.at.server < context.stamps.size()) {
        out.facts = format::encode_purge_facts({context.stamps[context.lease.at.server], {}});
        out.further = further_stamps(context, context.further);
    }
    return out;
}

}  // namespace mcache::request
