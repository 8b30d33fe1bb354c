#include "base/lines.h"

#include "unit/catch.h"

using mcache::split_lines;
using mcache::split_list;
using Lines = std::vector<std::string_view>;

TEST_CASE("lines of a text") {
    CHECK(split_lines("").empty());
    CHECK(split_lines("\n") == Lines{""});
    CHECK(split_lines("a") == Lines{"a"});
    CHECK(split_lines("a\n\nb\r\n") == Lines{"a", "", "b\r"});
}

TEST_CASE("a list of one item a line") {
    CHECK(split_list("").empty());
    CHECK(split_list("\r\n\n").empty());
    CHECK(split_list("/a\r\n\n/b\n/c d\r") == Lines{"/a", "/b", "/c d"});
}
