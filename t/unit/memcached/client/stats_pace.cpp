#include "memcached/client/stats_pace.h"

#include <vector>

#include "unit/catch.h"

using mcache::net::StatsPace;

namespace {

// The intervals at which a server is asked that never answers.
std::vector<int> asked_at(StatsPace& pace, int intervals) {
    std::vector<int> asked;
    for (int n = 0; n < intervals; ++n) {
        if (pace.due()) {
            pace.asked();
            asked.push_back(n);
        }
    }
    return asked;
}

}  // namespace

TEST_CASE("Who answers is asked at each interval") {
    StatsPace pace;
    for (int n = 0; n < 5; ++n) {
        CHECK(pace.due());
        pace.asked();
        pace.answered();
    }
}

TEST_CASE("Who does not answer is asked less and less often") {
    StatsPace pace;
    CHECK(asked_at(pace, 260) == std::vector<int>{0, 1, 3, 7, 15, 31, 63, 127, 191, 255});

    pace.answered();
    CHECK(asked_at(pace, 4) == std::vector<int>{0, 1, 3});
}
