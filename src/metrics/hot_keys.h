#pragma once

// The most requested keys of a worker: a Space-Saving sketch (Metwally, Agrawal, El Abbadi, 2005)
// of fixed size, which can be in shared memory. One process writes, any process reads. Counts are
// halved every minute, so that they reflect the last minutes.

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcache {

class HotKeys {
  public:
    static constexpr std::size_t kKeys = 64;
    static constexpr std::size_t kTextWords = 16;
    static constexpr std::size_t kTextSize = kTextWords * sizeof(std::uint64_t);
    static constexpr std::int64_t kHalfLife = 60;  // seconds

    // Counts a use of the key. `now` in seconds.
    void note(std::string_view key, std::int64_t now);

    struct Seen {
        std::uint64_t hash = 0;
        std::string key;          // its first kTextSize bytes
        bool cut = false;         // it is longer
        std::uint64_t count = 0;  // at least
    };
    // Appends the known keys, unordered, and adds the total number of counted uses to `total`.
    void read(std::int64_t now, std::vector<Seen>& out, std::uint64_t& total) const;

  private:
    struct Entry {
        std::atomic<std::uint32_t> version;  // odd while it is being written
        std::atomic<std::uint32_t> size;     // of the key, which may be longer than its text here
        std::atomic<std::uint64_t> count;
        std::atomic<std::uint64_t> error;  // the part of count that may belong to other keys
        std::array<std::atomic<std::uint64_t>, kTextWords> text;
    };

    void age(std::int64_t now);
    void replace(std::size_t place, std::uint64_t hash, std::string_view key);
    static std::uint64_t halvings(std::int64_t since, std::int64_t now);

    std::array<std::atomic<std::uint64_t>, kKeys> hashes_{};
    std::array<Entry, kKeys> entries_{};
    std::atomic<std::uint64_t> total_{0};
    std::atomic<std::int64_t> aged_at_{0};
};

// The `most` keys with the highest counts of several workers together, highest first.
std::vector<HotKeys::Seen> merge_hot_keys(std::vector<HotKeys::Seen>&& seen, std::size_t most);

}  // namespace mcache
