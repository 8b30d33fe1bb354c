#include "entry/fill_token.h"

#include "unit/catch.h"

using mcache::entry::FillToken;
using mcache::entry::make_fill_token;

TEST_CASE("a fill's token is of its key and of what lay there") {
    FillToken token;
    FillToken same;
    FillToken other;
    REQUIRE(make_fill_token("http://a/b", 7, token));
    REQUIRE(make_fill_token("http://a/b", 7, same));
    CHECK(token == same);
    REQUIRE(make_fill_token("http://a/b", 8, other));
    CHECK(token != other);
    REQUIRE(make_fill_token("http://a/b7", 7, other));
    CHECK(token != other);
}

TEST_CASE("a fill's token is what every node makes of them") {
    FillToken token;
    REQUIRE(make_fill_token("k", 0, token));
    // printf 'k\0000' | sha256sum
    CHECK(std::string_view(token.data(), token.size()) == "1c63409b61691a2d0352b94f57db9607");
}
