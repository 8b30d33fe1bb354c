#include "metrics/history.h"

#include <memory>

#include "unit/catch.h"

using namespace mcache;

TEST_CASE("The last points, oldest first") {
    const auto history = std::make_unique<History>();
    CHECK(history->last() == 0);
    CHECK(history->read().empty());
    for (std::uint64_t i = 1; i <= History::kPoints + 10; ++i) {
        History::Point point{};
        at(point, History::Column::Time) = i;
        at(point, History::Column::LatencyMicroseconds) = 2 * i;
        history->add(point);
        CHECK(history->last() == i);
    }
    auto points = history->read();
    REQUIRE(points.size() == History::kPoints - 1);  // one may be being written
    CHECK(at(points.front(), History::Column::Time) == 12);
    CHECK(at(points.back(), History::Column::Time) == History::kPoints + 10);
    CHECK(at(points.back(), History::Column::LatencyMicroseconds) == 2 * History::kPoints + 20);
}

TEST_CASE("Each column has its name") {
    CHECK(History::kNames[static_cast<std::size_t>(History::Column::Time)] == "time");
    CHECK(History::kNames[static_cast<std::size_t>(History::Column::Down)] == "down");
    CHECK(History::kNames.back() == "latency_us");
}
