#pragma once

// Features that mcache's guarantees need and that a memcached, or a proxy in front of it, lacks. A
// worker learns of them from a reply. They are logged once, and shown on the status page while they
// are missing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache {

enum class Lack : std::uint8_t {
    Meta,     // the meta protocol
    Cas,      // a CAS of items
    Flags,    // the client flags of items: it loses them
    Lookups,  // it answers lookups with errors, the last one at least
};

inline constexpr std::array<std::string_view, 4> kLackNames = {"meta", "cas", "flags", "lookups"};
static_assert(kLackNames.size() == static_cast<std::size_t>(Lack::Lookups) + 1);

// A set of them.
using Lacks = std::uint32_t;

constexpr Lacks bit_of(Lack lack) {
    return Lacks{1} << static_cast<unsigned>(lack);
}

template <typename Visit>
void for_each_lack(Lacks lacks, Visit visit) {
    for (std::size_t i = 0; i < kLackNames.size(); ++i) {
        if ((lacks & bit_of(static_cast<Lack>(i))) != 0) {
            visit(kLackNames[i]);
        }
    }
}

}  // namespace mcache
