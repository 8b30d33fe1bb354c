#include "memcached/protocol/stats_reply.h"

#include <string>

#include "unit/catch.h"

using namespace mcache;
using namespace mcache::memcached;

TEST_CASE("Lines of stats") {
    StatLine line;
    REQUIRE(parse_stat_line("STAT curr_items 12\r\nSTAT", line) == Parse::Ok);
    CHECK(line.name == "curr_items");
    CHECK(line.value == "12");
    CHECK(line.line_size == 20);
    CHECK_FALSE(line.last);
    REQUIRE(parse_stat_line("STAT version 1.6 with spaces\r\n", line) == Parse::Ok);
    CHECK(line.value == "1.6 with spaces");
    REQUIRE(parse_stat_line("STAT nothing\r\n", line) == Parse::Ok);
    CHECK(line.name == "nothing");
    CHECK(line.value.empty());
    REQUIRE(parse_stat_line("END\r\n", line) == Parse::Ok);
    CHECK(line.last);
    CHECK(line.known);
    for (const char* error :
         {"ERROR\r\n", "SERVER_ERROR no\r\n", "CLIENT_ERROR unauthenticated\r\n"}) {
        REQUIRE(parse_stat_line(error, line) == Parse::Ok);
        CHECK(line.last);
        CHECK_FALSE(line.known);
    }
}

TEST_CASE("What is not whole, and what is no line of stats") {
    StatLine line;
    CHECK(parse_stat_line("", line) == Parse::NeedMore);
    CHECK(parse_stat_line("STAT curr_items 12\r", line) == Parse::NeedMore);
    CHECK(parse_stat_line("VALUE x 0 1\r\n", line) == Parse::Invalid);
    CHECK(parse_stat_line("\r\n", line) == Parse::Invalid);
    CHECK(parse_stat_line("ENDLESS\r\n", line) == Parse::Invalid);
    CHECK(parse_stat_line(std::string(5000, 'x'), line) == Parse::Invalid);
}
