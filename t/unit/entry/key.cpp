#include "entry/key.h"

#include <random>
#include <string>
#include <string_view>

#include "unit/catch.h"

using mcache::entry::Key;
using mcache::entry::kMaxKeySize;
using mcache::entry::make_key;

namespace {

std::string key_of(std::string_view full) {
    Key key;
    REQUIRE(make_key(full, key));
    return std::string(key.view());
}

bool is_legal(std::string_view key) {
    for (const char c : key) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
            return false;
        }
    }
    return !key.empty() && key.size() <= kMaxKeySize;
}

}  // namespace

TEST_CASE("A key is what the documented Python makes of it") {
    struct Case {
        std::string full;
        std::string key;
    };
    const Case cases[] = {
#include "unit/entry/key_vectors.inc"
    };
    for (const Case& c : cases) {
        CAPTURE(c.full);
        CHECK(key_of(c.full) == c.key);
    }
}

TEST_CASE("An empty key is refused") {
    Key key;
    REQUIRE(make_key("/page", key));
    CHECK_FALSE(make_key("", key));
    CHECK(key.view().empty());
}

TEST_CASE("Every byte is kept or escaped, and the rest of the key decides nothing but '%'") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const std::string full = std::string("a") + static_cast<char>(byte) + "b";
        const std::string key = key_of(full);
        CHECK(is_legal(key));
        CHECK((key == full) == is_legal(full));
    }
}

TEST_CASE("Whatever the key, memcached can take it") {
    std::mt19937 random(20240229);
    for (int round = 0; round < 20000; ++round) {
        std::string full(1 + random() % 300, '\0');
        const bool mostly_legal = random() % 2 == 0;
        for (char& c : full) {
            c = static_cast<char>(mostly_legal && random() % 50 != 0 ? 'a' + random() % 26
                                                                     : random() % 256);
        }
        const std::string key = key_of(full);
        REQUIRE(is_legal(key));
        REQUIRE((key == full) == is_legal(full));
    }
}

TEST_CASE("a digest key tells nothing of what it was made of") {
    mcache::entry::Key key;
    REQUIRE(mcache::entry::make_digest_key("a", key));
    CHECK(key.view() == "sha256-ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    CHECK_FALSE(mcache::entry::make_digest_key("", key));
}
