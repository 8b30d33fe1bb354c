#include "local/frequency_sketch.h"

#include <algorithm>
#include <bit>

namespace mcache {
namespace {

constexpr unsigned kCounterBits = 4;
constexpr std::uint64_t kAllButTheirHighBits = 0x7777777777777777;

// All counters of a key lie in one line of the processor's cache.
constexpr std::size_t kBlock = 8;
constexpr unsigned kCounters = 4;

// Counted per word until all is halved.
constexpr std::size_t kPeriod = 10;

struct Place {
    std::size_t word;
    unsigned shift;
};

// The i-th counter of a key: five bits of the hash's lower half choose it among two words of the
// block that the upper half has chosen.
Place place(std::uint64_t hash, unsigned i, std::size_t words) {
    const std::size_t block = static_cast<std::size_t>(hash >> 32) & (words / kBlock - 1);
    const auto bits = static_cast<unsigned>(hash >> (5 * i)) & 31;
    return {block * kBlock + 2 * i + (bits & 1), (bits >> 1) * kCounterBits};
}

}  // namespace

FrequencySketch::FrequencySketch(std::size_t words) : words_(std::bit_ceil(words | kBlock)) {}

unsigned FrequencySketch::frequency(std::uint64_t hash) const {
    unsigned least = kMax;
    for (unsigned i = 0; i < kCounters; ++i) {
        const Place at = place(hash, i, words_.size());
        least = std::min(least, static_cast<unsigned>(words_[at.word] >> at.shift) & kMax);
    }
    return least;
}

// Only the lowest counters are raised: the higher ones also count other keys.
void FrequencySketch::count(std::uint64_t hash) {
    const unsigned least = frequency(hash);
    if (least == kMax) {
        return;
    }
    for (unsigned i = 0; i < kCounters; ++i) {
        const Place at = place(hash, i, words_.size());
        if ((static_cast<unsigned>(words_[at.word] >> at.shift) & kMax) == least) {
            words_[at.word] += std::uint64_t{1} << at.shift;
        }
    }
    if (++counted_ >= words_.size() * kPeriod) {
        halve();
    }
}

void FrequencySketch::halve() {
    for (std::uint64_t& word : words_) {
        word = word >> 1 & kAllButTheirHighBits;
    }
    counted_ /= 2;
}

}  // namespace mcache
