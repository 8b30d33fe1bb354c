#include "memcached/protocol/content_mark.h"

#include <string>

#include "unit/catch.h"

using namespace mcache::memcached;

TEST_CASE("What an item is stands for its CAS") {
    const std::string page(100, 'x');
    CHECK(content_mark(1, page) == content_mark(1, page));
    CHECK(content_mark(1, page) != content_mark(2, page));
    CHECK(content_mark(1, page) != content_mark(1, page + 'x'));
    CHECK(content_mark(0, "") != content_mark(1, ""));
    CHECK(is_content_mark(content_mark(0, "")));
    CHECK_FALSE(is_content_mark(0));
    CHECK_FALSE(is_content_mark(1763935200000000000));  // Couchbase's, nanoseconds
}

TEST_CASE("Of a long value its ends count, also where they overlap") {
    for (const std::size_t size : {std::size_t{9000}, std::size_t{100000}}) {
        std::string page(size, 'x');
        const auto before = content_mark(0, page);
        page.front() = 'y';
        CHECK(content_mark(0, page) != before);
        page.front() = 'x';
        page.back() = 'y';
        CHECK(content_mark(0, page) != before);
    }
}
