#pragma once

// How often each of many keys was asked for lately, about: a count-min sketch of 4-bit counters
// that are halved from time to time, as TinyLFU has it (Einziger, Friedman, Manes, "TinyLFU: A
// Highly Efficient Cache Admission Policy", 2017). Keys are told apart by their hash alone; two
// that meet in all their counters are taken for one that is asked for more often.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcache {

class FrequencySketch {
  public:
    static constexpr unsigned kMax = 15;

    // Of at least so many words of sixteen counters each. Throws bad_alloc.
    explicit FrequencySketch(std::size_t words);

    // The key was asked for once more. Where that says nothing new, since it has reached kMax,
    // nothing ages: one key alone cannot make the others be forgotten.
    void count(std::uint64_t hash);
    unsigned frequency(std::uint64_t hash) const;

    std::size_t memory() const { return words_.size() * sizeof(std::uint64_t); }

  private:
    void halve();

    std::vector<std::uint64_t> words_;
    std::size_t counted_ = 0;  // since the counters were halved, or half of what was before
};

}  // namespace mcache
