#include "http/refusals.h"

#include <string>

#include "unit/catch.h"

using mcache::http::Refusals;

TEST_CASE("refusals are counted in a row, by page") {
    Refusals refusals;
    CHECK(refusals.count("a", 0) == 0);
    CHECK(refusals.note("a", 0) == 1);
    CHECK(refusals.note("a", 1) == 2);
    CHECK(refusals.note("b", 1) == 1);
    CHECK(refusals.count("a", 2) == 2);
    refusals.forget("a");
    CHECK(refusals.count("a", 2) == 0);
    CHECK(refusals.note("a", 3) == 1);
    CHECK(refusals.count("b", 3) == 1);
}

TEST_CASE("refusals are remembered for a while, from the last on") {
    Refusals refusals;
    CHECK(refusals.note("a", 0) == 1);
    CHECK(refusals.note("a", Refusals::kRemembered - 1) == 2);
    CHECK(refusals.count("a", Refusals::kRemembered) == 2);
    CHECK(refusals.count("a", 2 * Refusals::kRemembered - 1) == 0);
    CHECK(refusals.note("a", 2 * Refusals::kRemembered) == 1);
}

TEST_CASE("what an Authorization field does says nothing of requests without one") {
    Refusals refusals;
    CHECK_FALSE(refusals.refuses_authorization("a", 0));
    refusals.note_authorization("a", 0);
    CHECK(refusals.refuses_authorization("a", Refusals::kRemembered - 1));
    CHECK_FALSE(refusals.refuses_authorization("a", Refusals::kRemembered));
    CHECK_FALSE(refusals.refuses_authorization("b", 0));
    CHECK(refusals.count("a", 0) == 0);
}

TEST_CASE("however many pages there are, the memory is bounded and the newest is remembered") {
    Refusals refusals;
    for (int i = 0; i < 100000; ++i) {
        CHECK(refusals.note("/" + std::to_string(i), 0) == 1);
    }
    CHECK(refusals.count("/99999", 0) == 1);
}
