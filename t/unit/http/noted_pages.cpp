#include "http/noted_pages.h"

#include <string>

#include "unit/catch.h"

using mcache::http::NotedPages;

TEST_CASE("a page is noted for a while, or until it is forgotten") {
    NotedPages pages;
    CHECK_FALSE(pages.contains("a", 1000));
    pages.note("a", 1000);
    CHECK(pages.contains("a", 1000));
    CHECK_FALSE(pages.contains("b", 1000));
    CHECK(pages.contains("a", 1000 + NotedPages::kSeconds - 1));
    CHECK_FALSE(pages.contains("a", 1000 + NotedPages::kSeconds));
    pages.forget("b");
    CHECK(pages.contains("a", 1000));
    pages.forget("a");
    CHECK_FALSE(pages.contains("a", 1000));
}

TEST_CASE("of many pages the last ones are known") {
    NotedPages pages;
    for (int i = 0; i < 100000; ++i) {
        pages.note(std::to_string(i), 1000);
    }
    CHECK(pages.contains("99999", 1000));
}
