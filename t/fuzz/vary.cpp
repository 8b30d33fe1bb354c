// The names of a Vary are sorted, unique and bounded; a normal form holds no line break, is its
// own normal form unless its list was too long to sort, and does not depend on how its members
// were spread over lines.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/lines.h"
#include "fuzz/require.h"
#include "policy/vary.h"

using namespace mcache::policy;

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

std::string normal(std::string_view name, const std::vector<std::string_view>& lines) {
    std::string out;
    normalise_vary_value(name, lines, out);
    return out;
}

void check_normal_form(std::string_view name, const std::vector<std::string_view>& lines) {
    const std::string form = normal(name, lines);
    require(form.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    std::size_t input = 0;
    std::ptrdiff_t members = 0;
    for (const std::string_view line : lines) {
        input += line.size() + 1;
        members += 1 + std::count(line.begin(), line.end(), ',');
    }
    require(form.size() <= input);

    // A quote that is left open runs to the end of its line, so lines cannot be joined then.
    bool quoted = false;
    for (const std::string_view line : lines) {
        quoted = quoted || line.find('"') != std::string_view::npos;
    }
    if (!quoted) {
        require(members > 64 || normal(name, {form}) == form);
        std::string joined;
        for (const std::string_view line : lines) {
            joined.append(line).append(" , ");
        }
        if (name == "accept-encoding") {
            require(normal(name, {joined}) == form);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string_view> lines = mcache::split_lines(text_of(data, size));
    check_names(lines);
    for (const std::string_view name : {"accept-encoding", "accept", "x-other"}) {
        check_normal_form(name, lines);
    }
    return 0;
}
