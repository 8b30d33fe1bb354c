#include "format/fill_token.h"

#include <string_view>

#include "unit/catch.h"

using mcache::format::FillToken;
using mcache::format::make_fill_token;

TEST_CASE("a fill's token is of its key and of what lay there") {
    const FillToken token = make_fill_token("http://a/b", 7);
    CHECK(token == make_fill_token("http://a/b", 7));
    CHECK(token != make_fill_token("http://a/b", 8));
    CHECK(token != make_fill_token("http://a/b7", 7));
}

TEST_CASE("a fill's token is what every node makes of them") {
    const FillToken token = make_fill_token("http://a/b", 0);
    // PYTHONHASHSEED=0 python3.11 -c 'print(format(hash(b"http://a/b") % 2**64, "016x"))'
    CHECK(std::string_view(token.data(), token.size()) == "b66670646ce83725");
}
