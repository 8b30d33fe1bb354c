#include "request/variant.h"

#include <span>
#include <utility>

#include "base/text.h"
#include "ngx/fields.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::request {

namespace {

constexpr std::uint16_t kIndexStatus = 300;  // Multiple Choices

std::uint64_t make_nonce() {
    const auto high = static_cast<std::uint64_t>(ngx_random());
    const auto low = static_cast<std::uint64_t>(ngx_random());
    return (high << 32) ^ low ^ (static_cast<std::uint64_t>(ngx_time()) << 20);
}

}  // namespace

bool is_index(const format::EntryView& entry) {
    return entry.section(format::kVaryIndexSection).has_value();
}

bool read_index(const format::EntryView& entry, VaryIndex& out) {
    const auto section = entry.section(format::kVaryIndexSection);
    auto index = section ? format::decode_vary_index(*section) : std::nullopt;
    if (!index) {
        return false;
    }
    out = std::move(*index);
    return true;
}

BufferRef encode_index(std::string_view full_key, const VaryIndex& index, std::int64_t fresh_until,
                       std::span<const format::EntrySection> further) {
    const std::string content = format::encode_vary_index(index);
    std::vector<format::EntrySection> sections{{format::kVaryIndexSection, content}};
    sections.insert(sections.end(), further.begin(), further.end());
    format::EntryHead head;
    head.status = kIndexStatus;
    head.generated = head.stored_at = ngx_time();
    head.fresh_until = fresh_until;
    head.key = full_key;
    head.sections = sections;
    return format::encode_head(head);
}

VaryIndex extended(const VaryIndex& known, const http::VaryNames& names) {
    VaryIndex index;
    index.names = format::united_names(known, names);
    if (index.names.empty() && !known.names.empty()) {  // too many: begin anew
        return extended(VaryIndex{}, names);
    }
    index.nonce = known.names.empty() ? make_nonce() : known.nonce;
    return index;
}

std::string variant_key(const Context& context, const VaryIndex& index) {
    std::string key(context.full_key);
    key += '\0' + std::to_string(index.nonce) + '\n';
    std::vector<http::HeaderField> fields = collect_fields(context.request()->headers_in.headers);
    std::erase_if(fields, [](const auto& field) { return iequals(field.name, kBackendField); });
    fields.push_back({kBackendField, context.backend});
    http::append_variant(format::index_names(index), fields, key);
    return key;
}

}  // namespace mcache::request
