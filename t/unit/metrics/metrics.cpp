#include "metrics/metrics.h"

#include <set>
#include <string>

#include "unit/catch.h"

using namespace mcache::metrics;

TEST_CASE("Each metric has cells of its own") {
    Cells<Worker> cells;
    cells.add<Worker::Requests>(1, 8);
    cells.add<Worker::ServedBytes>(7);
    cells.add<Worker::Purges>(2, 3);
    Sums<Worker> sums;
    cells.add_to(sums.cells);
    CHECK(sums.of(Worker::Requests, 8) == 1);
    CHECK(sums.of(Worker::Requests) == 1);
    CHECK(sums.of(Worker::ServedBytes) == 7);
    CHECK(sums.of(Worker::SparedBytes) == 0);
    CHECK(sums.of(Worker::Purges, 3) == 2);
    CHECK(sums.of(Worker::PurgeFailures) == 0);
}

TEST_CASE("Sums are over processes, and a gauge may go down in one of them") {
    Cells<Worker> one;
    Cells<Worker> two;
    one.add<Worker::FillsInFlight>();
    two.add<Worker::FillsInFlight>();
    two.sub<Worker::FillsInFlight>();
    two.add<Worker::Fills>(3);
    Sums<Worker> sums;
    one.add_to(sums.cells);
    two.add_to(sums.cells);
    CHECK(sums.of(Worker::FillsInFlight) == 1);
    CHECK(sums.of(Worker::Fills) == 3);
}

TEST_CASE("A process that takes cells over begins with no gauge") {
    Cells<Worker> cells;
    cells.add<Worker::FillsInFlight>(5);
    cells.add<Worker::Fills>(5);
    cells.reset_gauges();
    Sums<Worker> sums;
    cells.add_to(sums.cells);
    CHECK(sums.of(Worker::FillsInFlight) == 0);
    CHECK(sums.of(Worker::Fills) == 5);
}

TEST_CASE("A value of a label is told by its name") {
    Cells<Worker> cells;
    cells.count<Worker::Purges>("method");
    cells.count<Worker::Requests>("hit");
    Sums<Worker> sums;
    cells.add_to(sums.cells);
    CHECK(sums.of(Worker::Purges, 3) == 1);
    CHECK(sums.of(Worker::Requests, 1) == 1);
    STATIC_REQUIRE(kWorkerMetrics[0].cell("down") == 8);
    STATIC_REQUIRE(kWorkerMetrics[0].cell("dow") == kWorkerMetrics[0].size());
    STATIC_REQUIRE(kWorkerMetrics[1].cell("hit") == kWorkerMetrics[1].size());
}

namespace {

template <typename Kind>
void check_table(std::set<std::string>& names) {
    for (const Metric& metric : table(Kind{})) {
        CAPTURE(metric.name);
        CHECK(names.emplace(metric.name).second);
        CHECK(metric.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK(metric.help.ends_with('.'));
        CHECK(metric.help.find_first_of("\n\\") == std::string::npos);
        CHECK((metric.values.empty() || !metric.label.empty()));
        CHECK(metric.values.find("  ") == std::string::npos);
    }
}

}  // namespace

TEST_CASE("Names are distinct, and helps are sentences") {
    std::set<std::string> names;
    check_table<Worker>(names);
    names.clear();
    check_table<Server>(names);
    check_table<Said>(names);
}

TEST_CASE("Values of a label") {
    const Metric& requests = kWorkerMetrics[static_cast<std::size_t>(Worker::Requests)];
    CHECK(requests.size() == 9);
    CHECK(requests.value(0) == "aborted");
    CHECK(requests.value(1) == "hit");
    CHECK(requests.value(8) == "down");
    const Metric& fills = kWorkerMetrics[static_cast<std::size_t>(Worker::Fills)];
    CHECK(fills.size() == 1);
}

TEST_CASE("A latency falls into the bucket of its bound") {
    Histogram histogram;
    for (const std::uint64_t us : {0, 50, 51, 500000, 500001}) {
        histogram.add(us);
    }
    Histogram::Sums sums;
    histogram.add_to(sums);
    CHECK(sums.buckets.front() == 2);
    CHECK(sums.buckets[1] == 1);
    CHECK(sums.buckets[kLatencyBounds.size() - 1] == 1);
    CHECK(sums.buckets.back() == 1);
    CHECK(sums.count() == 5);
    CHECK(sums.microseconds == 1000102);
}
