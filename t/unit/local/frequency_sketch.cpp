#include "local/frequency_sketch.h"

#include <algorithm>
#include <string>

#include "base/keyed_hash.h"
#include "unit/catch.h"

using mcache::FrequencySketch;

namespace {

std::uint64_t hash(const std::string& key) {
    return mcache::sip_hash({1, 2}, key);
}

}  // namespace

TEST_CASE("What was asked for more often is known to have been, up to fifteen times") {
    FrequencySketch sketch(512);
    CHECK(sketch.frequency(hash("never")) == 0);
    for (unsigned times = 1; times <= 20; ++times) {
        sketch.count(hash("often"));
        CHECK(sketch.frequency(hash("often")) == std::min(times, FrequencySketch::kMax));
    }
    sketch.count(hash("once"));
    CHECK(sketch.frequency(hash("once")) == 1);
    CHECK(sketch.frequency(hash("never")) == 0);
}

TEST_CASE("Ten cold keys for each hot one do not look hot") {
    FrequencySketch sketch(512);
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 40; ++i) {
            sketch.count(hash("hot" + std::to_string(i)));
        }
    }
    int mistaken = 0;
    for (int i = 0; i < 400; ++i) {
        sketch.count(hash("cold" + std::to_string(i)));
        mistaken += sketch.frequency(hash("cold" + std::to_string(i))) > 2;
    }
    CHECK(mistaken == 0);
    for (int i = 0; i < 40; ++i) {
        CHECK(sketch.frequency(hash("hot" + std::to_string(i))) >= 6);
    }
}

TEST_CASE("What is not asked for any more is forgotten") {
    FrequencySketch sketch(8);
    for (int times = 0; times < 15; ++times) {
        sketch.count(hash("old"));
    }
    for (int i = 0; i < 1000; ++i) {
        sketch.count(hash("new" + std::to_string(i % 500)));
    }
    CHECK(sketch.frequency(hash("old")) < 15);
}

TEST_CASE("One key that is asked for all the time does not make the others be forgotten") {
    FrequencySketch sketch(8);
    for (int times = 0; times < 5; ++times) {
        sketch.count(hash("rare"));
    }
    for (int times = 0; times < 100000; ++times) {
        sketch.count(hash("hot"));
    }
    CHECK(sketch.frequency(hash("rare")) == 5);
}
