#include "memcached/client/health.h"

#include <thread>
#include <vector>

#include "unit/catch.h"

using mcache::net::Health;
using mcache::net::HealthRecord;

namespace {

constexpr std::uint64_t kFailTimeout = 1000;
constexpr std::uint64_t kProbeTime = 750;

// A worker of the node that has this record.
Health worker(HealthRecord& record, std::uint32_t max_fails = 1) {
    return Health(record, max_fails, kFailTimeout, kProbeTime);
}

// Milliseconds from `from` until a probe is let through.
std::uint64_t pause_until_probe(Health& health, std::uint64_t from) {
    std::uint64_t waited = 0;
    while (!health.begin_probe(from + waited)) {
        ++waited;
    }
    return waited;
}

}  // namespace

TEST_CASE("One failure takes a server out of use in all workers, and one of them says so") {
    HealthRecord record;
    Health one = worker(record);
    Health other = worker(record);
    CHECK(one.in_use());
    CHECK(one.failed(5000, 0));
    CHECK_FALSE(other.in_use());
    CHECK_FALSE(other.failed(5001, 0));
    CHECK_FALSE(other.begin_probe(5001));
}

TEST_CASE("max_fails counts the failures of all workers within fail_timeout") {
    HealthRecord record;
    Health one = worker(record, 3);
    Health other = worker(record, 3);
    CHECK_FALSE(one.failed(5000, 0));
    CHECK_FALSE(other.failed(5999, 0));
    SECTION("the third in time") {
        CHECK(one.failed(5999, 0));
    }
    SECTION("the third after fail_timeout is a first") {
        CHECK_FALSE(one.failed(6000, 0));
        CHECK_FALSE(one.failed(6001, 0));
        CHECK(one.failed(6002, 0));
    }
}

TEST_CASE("max_fails=0 never takes it out of use") {
    HealthRecord record;
    Health one = worker(record, 0);
    CHECK_FALSE(one.failed(5000, 0));
    CHECK(one.in_use());
    CHECK(one.may_log(5000));
    CHECK_FALSE(one.may_log(5999));
    CHECK(one.may_log(6000));
}

TEST_CASE("One worker probes, and its success is everybody's") {
    HealthRecord record;
    Health one = worker(record);
    Health other = worker(record);
    one.failed(5000, 0);
    CHECK(other.begin_probe(6000));
    CHECK_FALSE(one.begin_probe(6000));
    CHECK_FALSE(one.succeeded(6001));  // a reply from before
    CHECK_FALSE(one.in_use());
    CHECK(other.succeeded(6002));
    CHECK(one.in_use());
    CHECK_FALSE(other.succeeded(6003));
}

TEST_CASE("A probe whose worker died is given up") {
    HealthRecord record;
    Health dead = worker(record);
    Health alive = worker(record);
    dead.failed(5000, 0);
    CHECK(dead.begin_probe(6000));
    CHECK_FALSE(alive.begin_probe(6999));
    CHECK(alive.begin_probe(7000));
    CHECK_FALSE(dead.succeeded(7001));
    CHECK(alive.succeeded(7002));
}

TEST_CASE("Probes come after an eighth of fail_timeout, then rarer, up to fail_timeout") {
    HealthRecord record;
    Health health = worker(record);
    std::uint64_t now = 5000;
    health.failed(now, 0);
    for (std::uint64_t longest : {125, 250, 500, 1000, 1000}) {
        CHECK(pause_until_probe(health, now) == longest);
        now += longest;
        CHECK_FALSE(health.failed(now, 0));
    }
}

TEST_CASE("The pause is cut at random, by half at most") {
    for (std::uint32_t random : {1U, 62U, 63U, 4000000000U}) {
        HealthRecord record;
        Health health = worker(record);
        health.failed(5000, random);
        const std::uint64_t pause = pause_until_probe(health, 5000);
        CHECK(pause <= 125);
        CHECK(pause >= 63);
    }
}

TEST_CASE("A server that fails again soon is waited for longer") {
    HealthRecord record;
    Health health = worker(record);
    health.failed(5000, 0);
    health.begin_probe(5125);
    CHECK(health.succeeded(5130));
    SECTION("soon") {
        CHECK(health.failed(5200, 0));
        CHECK(pause_until_probe(health, 5200) == 250);
    }
    SECTION("after fail_timeout") {
        CHECK(health.failed(6130, 0));
        CHECK(pause_until_probe(health, 6130) == 125);
    }
}

TEST_CASE("Workers that race: one takes it out of use, one probes, one brings it back") {
    for (int round = 0; round < 200; ++round) {
        HealthRecord record;
        std::atomic<int> down = 0;
        std::atomic<int> probes = 0;
        std::atomic<int> up = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                Health health = worker(record);
                down += health.failed(5000, 0) ? 1 : 0;
                if (health.begin_probe(6000)) {
                    ++probes;
                    up += health.succeeded(6000) ? 1 : 0;
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        CHECK(down >= 1);  // a late one may take it out of use again
        CHECK(probes <= down);
        CHECK(up == probes);
    }
}
