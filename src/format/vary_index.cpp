#include "format/vary_index.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/lines.h"
#include "base/text.h"
#include "format/little_endian.h"

namespace mcache::format {

namespace {

constexpr std::size_t kNonceSize = sizeof(VaryIndex::nonce);

bool is_lower_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_token_char(c) && c == to_lower(c);
    });
}

}  // namespace

std::vector<std::string_view> index_names(const VaryIndex& index) {
    return split_lines(index.names);
}

std::string united_names(const VaryIndex& known, const http::VaryNames& names) {
    std::vector<std::string_view> all = index_names(known);
    for (std::size_t i = 0; i < names.size(); ++i) {
        all.push_back(names[i]);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::string united;
    for (std::string_view name : all) {
        united += (united.empty() ? "" : "\n") + std::string(name);
    }
    const bool too_many = all.size() > kMaxIndexNames || united.size() > kMaxIndexBytes;
    return too_many ? std::string() : united;
}

std::string encode_vary_index(const VaryIndex& index) {
    std::string section(kNonceSize, '\0');
    store_little(section.data(), index.nonce);
    return section + index.names;
}

std::optional<VaryIndex> decode_vary_index(std::string_view section) {
    if (section.size() <= kNonceSize || section.size() > kNonceSize + kMaxIndexBytes) {
        return std::nullopt;
    }
    VaryIndex index;
    index.nonce = load_little<std::uint64_t>(section.data());
    index.names = section.substr(kNonceSize);
    const std::vector<std::string_view> names = index_names(index);
    const bool ours = names.size() <= kMaxIndexNames && !index.names.ends_with('\n') &&
                      std::all_of(names.begin(), names.end(), is_lower_name) &&
                      std::adjacent_find(names.begin(), names.end(),
                                         std::greater_equal<std::string_view>()) == names.end();
    return ours ? std::optional(std::move(index)) : std::nullopt;
}

}  // namespace mcache::format
