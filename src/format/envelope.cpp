#include "format/envelope.h"

#include <algorithm>
#include <limits>

#include "format/framing.h"

namespace mcache::format {
namespace {

constexpr std::string_view kMagic = "MCE";
constexpr char kVersion = '1';

// Offsets in the fixed head.
constexpr std::size_t kHeadSizeAt = 4;
constexpr std::size_t kBodySizeAt = 8;
constexpr std::size_t kStatusAt = 16;
constexpr std::size_t kHeaderCountAt = 18;
constexpr std::size_t kKeySizeAt = 20;
constexpr std::size_t kGeneratedAt = 24;
constexpr std::size_t kStoredAt = 32;
constexpr std::size_t kFreshUntilAt = 40;
constexpr std::size_t kStaleWhileRevalidateAt = 48;
constexpr std::size_t kStaleIfErrorAt = 52;
constexpr std::size_t kLastModifiedAt = 56;
constexpr std::size_t kAttributesAt = 64;
constexpr std::size_t kSectionsSizeAt = 68;

// The attributes and sections of the critical kind that this version knows.
constexpr std::uint32_t kKnownCriticalAttributes = 0;

constexpr bool is_known_critical(std::uint16_t type) {
    return type == kManifestSection;
}

constexpr bool is_final_status(std::uint16_t status) {
    return status >= 200 && status <= 999;
}

constexpr bool is_sane_time(std::int64_t time) {
    return time >= -kMaxTime && time <= kMaxTime;
}

constexpr std::int64_t clamp_time(std::int64_t time) {
    return std::clamp(time, -kMaxTime, kMaxTime);
}

char* write_bytes(char* at, std::string_view bytes) {
    return std::copy(bytes.begin(), bytes.end(), at);
}

char* write_section(char* at, const EntrySection& section) {
    store_little(at, section.type);
    store_little(at + 2, static_cast<std::uint32_t>(section.content.size()));
    return write_bytes(at + kSectionRecordSize, section.content);
}

EntryFacts read_facts(const char* head) {
    EntryFacts facts;
    facts.status = load_little<std::uint16_t>(head + kStatusAt);
    facts.generated = load_little<std::int64_t>(head + kGeneratedAt);
    facts.stored_at = load_little<std::int64_t>(head + kStoredAt);
    facts.fresh_until = load_little<std::int64_t>(head + kFreshUntilAt);
    facts.stale_while_revalidate = load_little<std::uint32_t>(head + kStaleWhileRevalidateAt);
    facts.stale_if_error = load_little<std::uint32_t>(head + kStaleIfErrorAt);
    facts.last_modified = load_little<std::int64_t>(head + kLastModifiedAt);
    facts.attributes = load_little<std::uint32_t>(head + kAttributesAt);
    return facts;
}

bool are_sane(const EntryFacts& facts) {
    return is_final_status(facts.status) && is_sane_time(facts.generated) &&
           is_sane_time(facts.stored_at) && is_sane_time(facts.fresh_until) &&
           is_sane_time(facts.last_modified);
}

// Whether `records` is exactly `count` header records; notes whether one is an ETag.
bool are_headers(std::string_view records, std::size_t count, bool& has_etag) {
    const char* at = records.data();
    std::size_t left = records.size();
    bool found_etag = false;
    for (; count != 0; --count) {
        if (left < kHeaderRecordSize) {
            return false;
        }
        const std::size_t name_size = load_little<std::uint16_t>(at + 1);
        const std::size_t value_size = load_little<std::uint32_t>(at + 3);
        found_etag |= *at == static_cast<char>(HeaderId::ETag);
        at += kHeaderRecordSize;
        left -= kHeaderRecordSize;
        if (left < name_size + value_size || !is_field_name({at, name_size}) ||
            frames_message({at, name_size}) || !is_field_value({at + name_size, value_size})) {
            return false;
        }
        at += name_size + value_size;
        left -= name_size + value_size;
    }
    has_etag = found_etag;
    return left == 0;
}

std::uint64_t sections_size(std::span<const EntrySection> sections) {
    std::uint64_t total = 0;
    for (const EntrySection& section : sections) {
        total += kSectionRecordSize + section.content.size();
    }
    return total;
}

}  // namespace

bool fits_header_record(const EntryHeader& header) {
    return header.name.size() <= std::numeric_limits<std::uint16_t>::max() &&
           is_field_name(header.name) && is_field_value(header.value);
}

char* write_header_record(char* at, const EntryHeader& header) {
    *at = static_cast<char>(header.id);
    store_little(at + 1, static_cast<std::uint16_t>(header.name.size()));
    store_little(at + 3, static_cast<std::uint32_t>(header.value.size()));
    return write_bytes(write_bytes(at + kHeaderRecordSize, header.name), header.value);
}

std::size_t encoded_head_size(const EntryHead& head) {
    constexpr std::uint64_t kMaxHeadSize = std::numeric_limits<std::uint32_t>::max();
    if (!is_final_status(head.status) || head.key.empty() ||
        head.headers.size() > std::numeric_limits<std::uint16_t>::max()) {
        return 0;
    }
    std::uint64_t total = kFixedHeadSize + head.key.size() + sections_size(head.sections);
    for (const EntryHeader& header : head.headers) {
        if (!fits_header_record(header) || frames_message(header.name)) {
            return 0;
        }
        total += kHeaderRecordSize + header.name.size() + header.value.size();
    }
    return total <= kMaxHeadSize ? static_cast<std::size_t>(total) : 0;
}

void encode_head(const EntryHead& head, char* out) {
    char* at = write_bytes(out, kMagic);
    *at = kVersion;
    store_little(out + kStatusAt, head.status);
    store_little(out + kHeaderCountAt, static_cast<std::uint16_t>(head.headers.size()));
    store_little(out + kKeySizeAt, static_cast<std::uint32_t>(head.key.size()));
    store_little(out + kGeneratedAt, clamp_time(head.generated));
    store_little(out + kStoredAt, clamp_time(head.stored_at));
    store_little(out + kFreshUntilAt, clamp_time(head.fresh_until));
    store_little(out + kStaleWhileRevalidateAt, head.stale_while_revalidate);
    store_little(out + kStaleIfErrorAt, head.stale_if_error);
    store_little(out + kLastModifiedAt, clamp_time(head.last_modified));
    store_little(out + kAttributesAt, head.attributes);
    store_little(out + kSectionsSizeAt, static_cast<std::uint32_t>(sections_size(head.sections)));

    at = write_bytes(out + kFixedHeadSize, head.key);
    for (const EntryHeader& header : head.headers) {
        at = write_header_record(at, header);
    }
    for (const EntrySection& section : head.sections) {
        at = write_section(at, section);
    }
    store_little(out + kHeadSizeAt, static_cast<std::uint32_t>(at - out));
    patch_body_size(out, head.body_size);
}

BufferRef encode_head(const EntryHead& head, std::size_t body_size) {
    const std::size_t size = encoded_head_size(head);
    BufferRef buffer = size == 0 ? BufferRef() : BufferRef::allocate(size + body_size);
    if (buffer) {
        encode_head(head, buffer->data());
    }
    return buffer;
}

void add_section(std::string_view head, const EntrySection& section, char* out) {
    char* const end = write_section(write_bytes(out, head), section);
    const std::size_t added = kSectionRecordSize + section.content.size();
    const auto sections = load_little<std::uint32_t>(head.data() + kSectionsSizeAt);
    store_little(out + kHeadSizeAt, static_cast<std::uint32_t>(end - out));
    store_little(out + kSectionsSizeAt, sections + static_cast<std::uint32_t>(added));
}

void patch_body_size(char* head, std::uint64_t body_size) {
    store_little(head + kBodySizeAt, body_size);
}

bool begins_as_entry(std::string_view value) {
    return value.starts_with(kMagic) && value.size() > kMagic.size() &&
           is_digit(value[kMagic.size()]);
}

Decoded decode(std::string_view value, EntryView& out) {
    if (!begins_as_entry(value)) {
        return Decoded::NotAnEntry;
    }
    if (value[kMagic.size()] != kVersion) {
        return Decoded::BadVersion;
    }
    if (value.size() < kFixedHeadSize) {
        return Decoded::Corrupt;
    }
    const char* const head = value.data();
    const std::uint64_t head_size = load_little<std::uint32_t>(head + kHeadSizeAt);
    const auto body_size = load_little<std::uint64_t>(head + kBodySizeAt);
    const std::uint64_t key_size = load_little<std::uint32_t>(head + kKeySizeAt);
    const std::uint64_t all_sections_size = load_little<std::uint32_t>(head + kSectionsSizeAt);
    if (head_size > value.size() || body_size != value.size() - head_size || key_size == 0 ||
        kFixedHeadSize + key_size + all_sections_size > head_size) {
        return Decoded::Corrupt;
    }
    static_cast<EntryFacts&>(out) = read_facts(head);
    if (!are_sane(out)) {
        return Decoded::Corrupt;
    }
    const std::size_t sections_at = head_size - all_sections_size;
    const std::size_t headers_at = kFixedHeadSize + key_size;
    out.key = value.substr(kFixedHeadSize, key_size);
    out.headers_ = value.substr(headers_at, sections_at - headers_at);
    out.sections_ = value.substr(sections_at, all_sections_size);
    out.body = value.substr(head_size);
    out.header_count_ = load_little<std::uint16_t>(head + kHeaderCountAt);
    if (!are_headers(out.headers_, out.header_count_, out.has_etag_)) {
        return Decoded::Corrupt;
    }
    if (const Decoded sections = out.check_sections(); sections != Decoded::Ok) {
        return sections;
    }
    const std::uint32_t unknown = out.attributes & kCriticalAttributes & ~kKnownCriticalAttributes;
    return unknown == 0 ? Decoded::Ok : Decoded::BadVersion;
}

Decoded EntryView::check_sections() {
    std::string_view rest = sections_;
    section_types_ = 0;
    bool unknown_critical = false;
    while (!rest.empty()) {
        if (rest.size() < kSectionRecordSize) {
            return Decoded::Corrupt;
        }
        const auto type = load_little<std::uint16_t>(rest.data());
        const std::size_t size = load_little<std::uint32_t>(rest.data() + 2);
        rest.remove_prefix(kSectionRecordSize);
        if (rest.size() < size) {
            return Decoded::Corrupt;
        }
        rest.remove_prefix(size);
        section_types_ |= section_bit(type);
        unknown_critical =
            unknown_critical || ((type & kCriticalSection) != 0 && !is_known_critical(type));
    }
    return unknown_critical ? Decoded::BadVersion : Decoded::Ok;
}

std::optional<std::string_view> EntryView::find_section(std::uint16_t type) const {
    std::string_view rest = sections_;
    while (!rest.empty()) {
        const std::size_t size = load_little<std::uint32_t>(rest.data() + 2);
        if (load_little<std::uint16_t>(rest.data()) == type) {
            return rest.substr(kSectionRecordSize, size);
        }
        rest.remove_prefix(kSectionRecordSize + size);
    }
    return std::nullopt;
}

}  // namespace mcache::format
