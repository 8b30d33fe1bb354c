#include "http/byte_range.h"

#include <string_view>

#include "unit/catch.h"

using mcache::http::ByteRange;
using mcache::http::parse_content_range;
using mcache::http::parse_single_range;
using mcache::http::size_in_content_range;

TEST_CASE("one range that lies within the representation") {
    struct Case {
        std::string_view value;
        ByteRange range;
    };
    for (const Case& c :
         {Case{"bytes=0-0", {0, 0}}, Case{"bytes=0-99", {0, 99}}, Case{"bytes=10-20", {10, 20}},
          Case{"bytes=10-", {10, 99}}, Case{"bytes=99-", {99, 99}}, Case{"bytes=50-1000", {50, 99}},
          Case{"bytes=-1", {99, 99}}, Case{"bytes=-100", {0, 99}}, Case{"bytes=-1000", {0, 99}},
          Case{"BYTES=1-2", {1, 2}}, Case{"bytes= 1 - 2 ", {1, 2}}}) {
        CAPTURE(c.value);
        CHECK(parse_single_range(c.value, 100) == c.range);
    }
}

TEST_CASE("anything else is no range") {
    for (const std::string_view value :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=100-", "bytes=5-4", "bytes=-0",
          "bytes=0-0,5-6", "bytes=a-b", "bytes=1-b", "bytes=0x1-2", "lines=1-2", "bytes=--1",
          "bytes=1-2-3", "bytes=18446744073709551616-", "bytes=0-18446744073709551616"}) {
        CAPTURE(value);
        CHECK(parse_single_range(value, 100) == std::nullopt);
    }
    CHECK(parse_single_range("bytes=0-", 0) == std::nullopt);
}

TEST_CASE("Content-Range as nginx writes it") {
    CHECK(parse_content_range("bytes 0-0/100", 100) == ByteRange{0, 0});
    CHECK(parse_content_range("bytes 10-99/100", 100) == ByteRange{10, 99});
    for (const std::string_view value :
         {"", "bytes ", "bytes */100", "bytes 0-0/*", "bytes 0-0/101", "bytes 5-4/100",
          "bytes 0-100/100", "bytes 0/100-1", "bytes=0-0/100", "bytes 0-0", "bytes 0-0/100 "}) {
        CAPTURE(value);
        CHECK(parse_content_range(value, 100) == std::nullopt);
    }
}

TEST_CASE("the size of the whole in Content-Range") {
    CHECK(size_in_content_range("bytes 0-0/100") == 100);
    CHECK(size_in_content_range("Bytes 5-9/18446744073709551615") == 18446744073709551615U);
    CHECK(size_in_content_range("bytes */100") == 100);
    for (const std::string_view value :
         {"", "100", "bytes 0-99", "bytes 0-0/*", "bytes 0-0/", "bytes 0-0/-1", "lines 0-0/100",
          "bytes 0-0/100 ", "bytes 0-0/18446744073709551616", "bytes=0-0/100"}) {
        CAPTURE(value);
        CHECK(size_in_content_range(value) == std::nullopt);
    }
}
