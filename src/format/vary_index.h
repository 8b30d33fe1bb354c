#pragma once

// What lies under the key of a URL whose responses vary: the names of the request fields that
// select a variant, and a nonce that is part of every variant's key. It is kVaryIndexSection of an
// entry.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/sections.h"
#include "http/vary.h"

namespace mcache::format {

// Of what one index may name: each response's Vary is within its own bounds.
inline constexpr std::size_t kMaxIndexNames = http::VaryNames::kMaxNames;
inline constexpr std::size_t kMaxIndexBytes = 16 * 1024;

struct VaryIndex {
    std::uint64_t nonce = 0;
    std::string names;  // field names in lower case, sorted, one a line; none: there is no index

    bool operator==(const VaryIndex&) const = default;
};

std::vector<std::string_view> index_names(const VaryIndex& index);

// The names of both. Empty where they are too many for one index: the URL varies its Vary.
std::string united_names(const VaryIndex& known, const http::VaryNames& names);

std::string encode_vary_index(const VaryIndex& index);

// Empty where the names are not as encode_vary_index() writes them. What selects a variant is then
// bounded by the request's own fields: no name stands twice.
std::optional<VaryIndex> decode_vary_index(std::string_view section);

}  // namespace mcache::format
