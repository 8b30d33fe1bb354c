#include "format/tags.h"

#include <algorithm>
#include <vector>

#include "format/little_endian.h"

namespace mcache::format {
namespace {

constexpr std::size_t kStampSize = 16;

// Of kStampSize bytes or more.
Stamp load_stamp(std::string_view from) {
    Stamp stamp;
    stamp.epoch = load_little<std::uint64_t>(from.data());
    stamp.position = load_little<std::uint64_t>(from.data() + sizeof(stamp.epoch));
    return stamp;
}

constexpr bool is_separator(char c) {
    return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr bool is_tag_char(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f && c != ',';
}

}  // namespace

bool is_tag(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_tag_char);
}

Parse parse_tags(std::string_view list, std::string& lines) {
    std::vector<std::string_view> tags;
    while (!list.empty()) {
        const auto* end = std::find_if(list.begin(), list.end(), is_separator);
        const std::string_view tag = list.substr(0, static_cast<std::size_t>(end - list.begin()));
        list.remove_prefix(std::min(tag.size() + 1, list.size()));
        if (tag.empty()) {
            continue;
        }
        if (!is_tag(tag)) {
            return Parse::Invalid;
        }
        tags.push_back(tag);
    }
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    std::size_t bytes = 0;
    for (const std::string_view tag : tags) {
        bytes += tag.size() + 1;
    }
    if (tags.size() > kMaxTags || bytes > kMaxTagBytes) {
        return Parse::Invalid;
    }
    for (const std::string_view tag : tags) {
        lines += lines.empty() ? "" : "\n";
        lines += tag;
    }
    return Parse::Ok;
}

std::string encode_stamps(std::span<const Stamp> stamps) {
    std::string section(stamps.size() * kStampSize, '\0');
    char* to = section.data();
    for (const Stamp& stamp : stamps) {
        store_little(to, stamp.epoch);
        store_little(to + sizeof(stamp.epoch), stamp.position);
        to += kStampSize;
    }
    return section;
}

std::string encode_purge_facts(const PurgeFacts& facts) {
    std::string section = encode_stamps({&facts.stamp, 1});
    section += facts.tags;
    return section;
}

std::optional<PurgeFacts> decode_purge_facts(std::string_view section) {
    if (section.size() < kStampSize) {
        return std::nullopt;
    }
    PurgeFacts facts;
    facts.stamp = load_stamp(section);
    facts.tags = section.substr(kStampSize);
    return facts;
}

Stamp stamp_of_epoch(const Stamp& first, std::string_view section, std::uint64_t epoch) {
    Stamp found = first;
    for (; section.size() >= kStampSize; section.remove_prefix(kStampSize)) {
        const Stamp stamp = load_stamp(section);
        if (stamp.epoch == epoch && (found.epoch != epoch || stamp.position < found.position)) {
            found = stamp;
        }
    }
    return found;
}

}  // namespace mcache::format
