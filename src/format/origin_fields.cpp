#include "format/origin_fields.h"

#include <utility>

#include "base/integer.h"
#include "http/field_names.h"

namespace mcache::format {
namespace {

constexpr std::size_t kStatusDigits = 3;

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
