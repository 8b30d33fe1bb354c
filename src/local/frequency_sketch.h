#pragma once

// Estimates how often each of many keys was used lately: a count-min sketch of 4-bit counters
// that are halved from time to time, as in TinyLFU (Einziger, Friedman, Manes, "TinyLFU: A
// Highly Efficient Cache Admission Policy", 2017). Keys are distinguished only by their
// hash. Two keys with the same counters look like one that is used more often.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcache {

class FrequencySketch {
  public:
    static constexpr unsigned kMax = 15;

    // Has at least so many words of sixteen counters each. Throws bad_alloc.
    explicit FrequencySketch(std::size_t words);

    // Counts a use of the key. Once it has reached kMax, further uses do not age the others, so a
    // single key cannot make the others be forgotten.
    void count(std::uint64_t hash);
    unsigned frequency(std::uint64_t hash) const;

    std::size_t memory() const { return words_.size() * sizeof(std::uint64_t); }

  private:
    void halve();

    std::vector<std::uint64_t> words_;
    std::size_t counted_ = 0;  // uses since the counters were halved, plus half of those before
};

}  // namespace mcache
