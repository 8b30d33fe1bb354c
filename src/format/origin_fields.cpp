#include "format/origin_fields.h"

#include <algorithm>
#include <utility>

#include "base/integer.h"
#include "http/hop_by_hop.h"

namespace mcache::format {
namespace {

constexpr std::size_t kStatusDigits = 3;

// Content-Type is the first that is stored and Date the last, wherever they came.
bool keeps_its_place(HeaderId id) {
    return id != HeaderId::ContentType && id != HeaderId::Date;
}

// nginx sends fields in the order in which they came: `sent` is what follows the last that was
// found. A field that is missed is kept twice.
bool take_sent(std::span<const EntryHeader>& sent, const http::HeaderField& field) {
    constexpr std::size_t kMostLookedAt = 16;
    const std::span near = sent.first(std::min(sent.size(), kMostLookedAt));
    const auto found = std::find_if(near.begin(), near.end(), [&](const EntryHeader& each) {
        return each.value.data() == field.value.data() && each.value.size() == field.value.size();
    });
    if (found == near.end()) {
        return false;
    }
    if (keeps_its_place(found->id)) {
        sent = sent.subspan(static_cast<std::size_t>(found - near.begin()) + 1);
    }
    return true;
}

// False unless `records` is exactly header records.
bool read_records(std::string_view records, std::vector<EntryHeader>& out) {
    while (!records.empty()) {
        if (records.size() < kHeaderRecordSize) {
            return false;
        }
        const std::uint64_t size = std::uint64_t{kHeaderRecordSize} +
                                   load_little<std::uint16_t>(records.data() + 1) +
                                   load_little<std::uint32_t>(records.data() + 3);
        if (records.size() < size) {
            return false;
        }
        const EntryHeader header = read_header_record(records.data());
        if (!is_field_name(header.name) || !is_field_value(header.value)) {
            return false;
        }
        out.push_back(header);
        records.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

std::vector<EntryHeader> fields_not_sent(http::HeaderFields received,
                                         std::span<const EntryHeader> sent,
                                         const http::FieldNames& named) {
    std::vector<EntryHeader> out;
    for (const http::HeaderField& field : received) {
        if (take_sent(sent, field) || http::is_hop_by_hop(field.name) ||
            named.contains(field.name)) {
            continue;
        }
        const HeaderId id = classify(field.name);
        if (id != HeaderId::SetCookie) {
            out.push_back({id, field.name, field.value});
        }
    }
    return out;
}

std::string encode_origin_fields(std::span<const EntryHeader> fields) {
    constexpr std::size_t kTypicalSize = 256;
    std::string out;
    out.reserve(kTypicalSize);
    for (const EntryHeader& field : fields) {
        if (fits_header_record(field)) {
            const std::size_t at = out.size();
            out.resize(at + kHeaderRecordSize + field.name.size() + field.value.size());
            write_header_record(out.data() + at, field);
        }
    }
    return out;
}

std::optional<std::vector<EntryHeader>> origin_fields(const EntryView& page) {
    std::optional<std::vector<EntryHeader>> fields;
    if (const auto section = page.section(kOriginSection)) {
        fields.emplace();
        if (!read_records(*section, *fields)) {
            fields.reset();
        }
    }
    return fields;
}

std::optional<std::vector<EntryHeader>> all_origin_fields(const EntryView& page) {
    std::optional<std::vector<EntryHeader>> fields = origin_fields(page);
    if (fields) {
        std::vector<std::string_view> names;
        for (const EntryHeader& field : *fields) {
            names.push_back(field.name);
        }
        const http::FieldNames not_as_sent(std::move(names));
        page.for_each_header([&](const EntryHeader& header) {
            if (!not_as_sent.contains(header.name)) {
                fields->push_back(header);
            }
        });
    }
    return fields;
}

std::string_view status_line(const EntryView& page) {
    const std::string_view line = page.section(kStatusLineSection).value_or(std::string_view());
    const bool good = line.size() > kStatusDigits && is_field_value(line) &&
                      line[kStatusDigits] == ' ' &&
                      parse_decimal<std::uint16_t>(line.substr(0, kStatusDigits)) == page.status;
    return good ? line : std::string_view();
}

}  // namespace mcache::format
