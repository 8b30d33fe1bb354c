#include "format/vary_index.h"

#include <string>

#include "unit/catch.h"

using namespace mcache;
using namespace mcache::format;

namespace {

const std::string kNonce("\x01\x02\x03\x04\x05\x06\x07\x08", 8);

std::string many_names(int n) {
    std::string names;
    for (int i = 0; i < n; ++i) {
        names += (i == 0 ? "" : "\n") + std::to_string(1000 + i);
    }
    return names;
}

http::VaryNames vary(std::string_view line) {
    http::VaryNames names;
    names.add(line);
    return names;
}

}  // namespace

TEST_CASE("an index is read as it was written") {
    const VaryIndex index{0x0807060504030201, "accept\naccept-encoding\ncookie"};
    CHECK(encode_vary_index(index) == kNonce + index.names);
    CHECK(decode_vary_index(encode_vary_index(index)) == index);
    CHECK(decode_vary_index(kNonce + many_names(64)));
}

TEST_CASE("what mcache would not have written is no index") {
    for (const std::string& names :
         {std::string(), std::string("\n"), std::string("a\n"), std::string("\na"),
          std::string("a\n\nb"), std::string("b\na"), std::string("a\na"), std::string("Accept"),
          std::string("a b"), std::string("a:"), std::string("\r"), std::string(1, '\0'),
          std::string("*\n"), many_names(65), std::string(17000, 'a')}) {
        CAPTURE(names);
        CHECK_FALSE(decode_vary_index(kNonce + names));
    }
    CHECK_FALSE(decode_vary_index(""));
    CHECK_FALSE(decode_vary_index("accept"));
}

TEST_CASE("names of an index and of a response are united") {
    CHECK(united_names({}, vary("b, A")) == "a\nb");
    CHECK(united_names({1, "a\nc"}, vary("b, A")) == "a\nb\nc");
    CHECK(united_names({1, many_names(64)}, vary("1000")) == many_names(64));
    CHECK(united_names({1, many_names(64)}, vary("a")).empty());
    CHECK(united_names({1, std::string(kMaxIndexBytes, 'a')}, vary("b")).empty());
}
