#include "base/text.h"

#include <string>

#include "unit/catch.h"

using namespace mcache;

TEST_CASE("Texts are equal but for the case of ASCII letters, byte by byte, at every length") {
    for (std::size_t size = 1; size <= 20; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string a(size, 'x');
            std::string b(size, 'X');
            for (unsigned x = 0; x < 256; ++x) {
                for (unsigned y = 0; y < 256; ++y) {
                    a[at] = static_cast<char>(x);
                    b[at] = static_cast<char>(y);
                    if (iequals(a, b) != (to_lower(a[at]) == to_lower(b[at]))) {
                        CAPTURE(size, at, x, y);
                        FAIL("iequals() and to_lower() do not agree");
                    }
                }
            }
        }
    }
}

TEST_CASE("Texts of different lengths differ") {
    CHECK(iequals("", ""));
    CHECK_FALSE(iequals("", "a"));
    CHECK_FALSE(iequals("Content-Type", "Content-Typ"));
    static_assert(iequals("ETag", "etag") && !iequals("ETag", "etas"));
}
