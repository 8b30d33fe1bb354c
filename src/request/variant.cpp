#include "request/variant.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "ngx/text.h"
#include "request/fields.h"

namespace mcache::request {

namespace {

constexpr std::uint16_t kIndexSection = 1;
constexpr std::uint16_t kIndexStatus = 300;  // Multiple Choices

std::uint64_t make_nonce() {
    const auto high = static_cast<std::uint64_t>(ngx_random());
    const auto low = static_cast<std::uint64_t>(ngx_random());
    return (high << 32) ^ low ^ (static_cast<std::uint64_t>(ngx_time()) << 20);
}

std::vector<std::string_view> lines(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

VaryIndex VaryMemory::recall(std::string_view key) const {
    if (indexes_.empty()) {
        return {};
    }
    const auto found = indexes_.find(key);
    return found == indexes_.end() ? VaryIndex{} : found->second;
}

void VaryMemory::remember(std::string_view key, const VaryIndex& index) {
    if (indexes_.size() >= kMaxIndexes) {
        indexes_.clear();
    }
    indexes_.insert_or_assign(std::string(key), index);
}

bool is_index(const entry::EntryView& entry) {
    return entry.section(kIndexSection).has_value();
}

bool read_index(const entry::EntryView& entry, VaryIndex& out) {
    const auto section = entry.section(kIndexSection);
    if (!section || section->size() < sizeof(out.nonce)) {
        return false;
    }
    std::memcpy(&out.nonce, section->data(), sizeof(out.nonce));
    out.names = section->substr(sizeof(out.nonce));
    return !out.names.empty();
}

BufferRef encode_index(std::string_view full_key, const VaryIndex& index,
                       std::int64_t fresh_until) {
    std::string content(sizeof(index.nonce), '\0');
    std::memcpy(content.data(), &index.nonce, sizeof(index.nonce));
    content += index.names;
    const entry::EntrySection section{kIndexSection, content};
    entry::EntryHead head;
    head.status = kIndexStatus;
    head.generated = head.stored_at = ngx_time();
    head.fresh_until = fresh_until;
    head.key = full_key;
    head.sections = std::span(&section, 1);
    const std::size_t size = entry::encoded_head_size(head);
    BufferRef value = size == 0 ? BufferRef() : BufferRef::allocate(size);
    if (value) {
        entry::encode_head(head, value->data());
    }
    return value;
}

VaryIndex extended(const VaryIndex& known, const policy::VaryNames& names) {
    std::vector<std::string_view> all = lines(known.names);
    for (std::size_t i = 0; i < names.size(); ++i) {
        all.push_back(names[i]);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (all.size() > policy::VaryNames::kMaxNames) {  // the URL varies its Vary: begin anew
        return extended(VaryIndex{}, names);
    }
    VaryIndex index;
    index.nonce = known.names.empty() ? make_nonce() : known.nonce;
    for (std::string_view name : all) {
        index.names += (index.names.empty() ? "" : "\n") + std::string(name);
    }
    return index;
}

std::string variant_key(ngx_http_request_t* r, std::string_view full_key, const VaryIndex& index) {
    std::string key(full_key);
    key += '\0' + std::to_string(index.nonce) + '\n';
    policy::append_variant(lines(index.names), collect_fields(r->headers_in.headers), key);
    return key;
}

}  // namespace mcache::request
