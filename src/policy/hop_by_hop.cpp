#include "policy/hop_by_hop.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace mcache::policy {
namespace {

constexpr std::array<std::string_view, 10> kHopByHop = {
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

constexpr std::array<std::string_view, 8> kOfStoredBytes = {
    "Content-Encoding", "Content-Length", "Content-Range",  "Content-Type",
    "Content-MD5",      "Digest",         "Content-Digest", "Repr-Digest",
};

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view other) { return iequals(other, name); });
}

}  // namespace

bool is_hop_by_hop(std::string_view name) {
    return contains(kHopByHop, name);
}

bool named_in_connection(std::string_view name, HeaderFields fields) {
    for (const HeaderField& field : fields) {
        if (!iequals(field.name, "Connection")) {
            continue;
        }
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (iequals(trim_ows(rest.substr(0, comma)), name)) {
                return true;
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

bool updates_stored_field(std::string_view name) {
    return !is_hop_by_hop(name) && !contains(kOfStoredBytes, name);
}

}  // namespace mcache::policy
