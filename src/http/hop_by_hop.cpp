#include "http/hop_by_hop.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mcache::http {
namespace {

constexpr std::array<std::string_view, 11> kHopByHop = {
    "Close",
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
};

constexpr std::array<std::string_view, 9> kOfStoredBytes = {
    "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Content-MD5",
    "Digest",           "Content-Digest", "Repr-Digest",   "ETag",
};

constexpr std::uint64_t sizes_of(std::span<const std::string_view> names) {
    std::uint64_t sizes = 0;
    for (const std::string_view name : names) {
        sizes |= std::uint64_t{1} << name.size();
    }
    return sizes;
}

// Most names are told from all of these by their length.
template <const auto& kNames>
bool is_one_of(std::string_view name) {
    constexpr std::uint64_t kSizes = sizes_of(kNames);
    return name.size() < 64 && (kSizes >> name.size() & 1) != 0 &&
           std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view other) { return iequals(other, name); });
}

}  // namespace

bool is_hop_by_hop(std::string_view name) {
    return is_one_of<kHopByHop>(name);
}

FieldNames named_in_connection(HeaderFields fields) {
    std::vector<std::string_view> names;
    for (const HeaderField& field : fields) {
        if (!iequals(field.name, "Connection")) {
            continue;
        }
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view name = trim_ows(rest.substr(0, comma));
            if (!name.empty() && !is_hop_by_hop(name)) {
                names.push_back(name);
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return FieldNames(std::move(names));
}

bool updates_stored_field(std::string_view name) {
    return !is_hop_by_hop(name) && !is_one_of<kOfStoredBytes>(name);
}

}  // namespace mcache::http
