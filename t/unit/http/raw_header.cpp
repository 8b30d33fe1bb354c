#include "http/raw_header.h"

#include "unit/catch.h"

using mcache::http::values_in;

TEST_CASE("values of a field in a header as it came") {
    const std::string_view header =
        "HTTP/1.1 302 Found\r\nlocation:  http://a/b?Location: c \r\nX-Location: d\r\n"
        "Location: e\nLocation:\r\nLocation : f\r\n\r\n";
    const auto values = values_in(header, "Location");
    REQUIRE(values.size() == 3);
    CHECK(values[0] == "http://a/b?Location: c");
    CHECK(values[1] == "e");
    CHECK(values[2].empty());
    CHECK(values_in(header, "Refresh").empty());
    CHECK(values_in("", "Location").empty());
    CHECK(values_in("Location: cut", "Location").size() == 1);
}
