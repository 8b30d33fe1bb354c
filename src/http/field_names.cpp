#include "http/field_names.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mcache::http {
namespace {

bool is_before(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return a.size() < b.size();
    }
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](char x, char y) { return to_lower(x) < to_lower(y); });
}

}  // namespace

FieldNames::FieldNames(std::vector<std::string_view> names) : names_(std::move(names)) {
    std::sort(names_.begin(), names_.end(), is_before);
}

bool FieldNames::find(std::string_view name) const {
    return std::binary_search(names_.begin(), names_.end(), name, is_before);
}

}  // namespace mcache::http
