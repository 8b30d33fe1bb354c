// The names of a Vary are sorted, unique and bounded; what selects a variant has a line for each
// line of the request, holds no other line break, and selects the same variant again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/lines.h"
#include "fuzz/require.h"
#include "http/vary.h"

using namespace mcache::http;

namespace {

void check_names(const std::vector<std::string_view>& lines) {
    VaryNames names;
    for (const std::string_view line : lines) {
        names.add(line);
    }
    require(names.size() <= VaryNames::kMaxNames);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        require(!names[i].empty() && names[i] != "*");
        require(i == 0 || names[i - 1] < names[i]);
        bytes += names[i].size();
    }
    require(bytes <= VaryNames::kMaxBytes);
}

std::string selected(std::string_view name, const std::vector<std::string_view>& lines) {
    std::vector<HeaderField> fields;
    for (const std::string_view line : lines) {
        fields.push_back({name, line});
    }
    std::string out;
    append_variant(std::span(&name, 1), fields, out);
    return out;
}

// A line a field, as it was but for white space, and in one form.
void check_variant(std::string_view name, const std::vector<std::string_view>& lines) {
    const std::string variant = selected(name, lines);
    require(variant.find_first_of(std::string_view("\r\0", 2)) == std::string::npos);
    std::vector<std::string_view> records = mcache::split_lines(variant);
    require(records.size() == std::max<std::size_t>(lines.size(), 1));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        require(records[i].size() <= name.size() + 1 + lines[i].size());
        records[i].remove_prefix(name.size() + 1);
    }
    const bool has_breaks = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
        return line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos;
    });
    require(lines.empty() || has_breaks || selected(name, records) == variant);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string_view> lines = mcache::split_lines(text_of(data, size));
    check_names(lines);
    for (const std::string_view name : {"accept-encoding", "accept", "x-other"}) {
        check_variant(name, lines);
    }
    return 0;
}
