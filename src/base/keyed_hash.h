#pragma once

// A hash of bytes that strangers choose. Who does not know its key cannot make strings that meet in
// one place of a table, or are taken for each other where only hashes are compared. SipHash-1-3
// (Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012; one and three rounds, as in the
// tables of Rust and Python), keyed by what the process drew when the module was loaded: its
// workers, which share memory, have the same.

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

// By the key of this process.
std::uint64_t keyed_hash(std::string_view bytes);

// For tables whose keys are std::string and that are searched by std::string_view.
struct KeyedHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const {
        return static_cast<std::size_t>(keyed_hash(bytes));
    }
};

}  // namespace mcache
