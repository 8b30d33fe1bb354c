#pragma once

// A hash for untrusted bytes. Without its key, clients cannot construct collisions, neither in hash
// tables nor where only hashes are compared. It is SipHash-1-3 (Aumasson, Bernstein, "SipHash: a
// fast short-input PRF", 2012; one and three rounds, as in the tables of Rust and Python). The key
// is drawn at random when the module is loaded, so that workers, which share memory, have the
// same.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace mcache {

struct HashKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

std::uint64_t sip_hash(const HashKey& key, std::string_view bytes);

// With the key of this process.
std::uint64_t keyed_hash(std::string_view bytes);

// For tables whose keys are std::string and that are searched by std::string_view.
struct KeyedHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const {
        return static_cast<std::size_t>(keyed_hash(bytes));
    }
};

}  // namespace mcache
