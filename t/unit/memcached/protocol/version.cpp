#include "memcached/protocol/version.h"

#include "unit/catch.h"

using mcache::memcached::speaks_meta;

TEST_CASE("the meta protocol is there from 1.6.18 on") {
    for (const std::string_view version :
         {"1.6.18", "1.6.21_5_gabc", "1.6.100", "1.7.0", "2.0.0", "10.0"}) {
        CAPTURE(version);
        CHECK(speaks_meta(version));
    }
    for (const std::string_view version :
         {"", "1", "1.6", "1.6.17", "1.5.99", "0.9.9", "twemproxy", "v1.6.18", "1..18",
          "99999999999999999999.1.1", "-1.6.18", "1.6.x"}) {
        CAPTURE(version);
        CHECK_FALSE(speaks_meta(version));
    }
}
