#include "format/key.h"

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using namespace mcache::format;

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

std::string derived(std::string_view full, Derived kind) {
    Key page;
    Key key;
    REQUIRE(make_key(full, page));
    REQUIRE(derive_key(page, kind, key));
    return std::string(key.view());
}

std::string log_of(std::string_view site) {
    Key key;
    REQUIRE(make_purge_log_key(site, key));
    return std::string(key.view());
}

std::string digest_of(std::string_view full) {
    Key key;
    REQUIRE(derive_key_of_digest(full, Derived::Lock, key));
    return std::string(key.view().substr(0, key.view().find('%')));
}

}  // namespace

TEST_CASE("A key is what the documented Python makes of it") {
    struct Case {
        std::string full;
        std::string key;
    };
    const Case cases[] = {
#include "unit/format/key_vectors.inc"
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

TEST_CASE("A byte that memcached does not take makes a digest of the key") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const std::string full = std::string("a") + static_cast<char>(byte) + "b";
        const std::string key = key_of(full);
        CHECK(is_legal(key));
        CHECK((key == full) == is_legal(full));
        CHECK(is_own_key(full) == is_legal(full));
    }
}

TEST_CASE("A key that ends as a derived one, or is spelt as a digest, makes a digest of it") {
    const std::string digest = key_of(std::string(300, 'z'));
    for (const std::string& full : {std::string("/hot?a=1%00lock"), std::string("%00uses"),
                                    std::string("site-%00purges"), std::string("/a%00x"), digest}) {
        CAPTURE(full);
        CHECK(key_of(full).starts_with("sha256-"));
        CHECK(key_of(full) != full);
    }
    for (const std::string& full :
         {std::string("/?q=%00"), std::string("/a%00lock/"), std::string("/a%00Lock"),
          std::string("/a%2500lock"), std::string("%00lock&b"), std::string("sha256-"),
          digest + "0", digest.substr(0, 70), "x" + digest}) {
        CAPTURE(full);
        CHECK(key_of(full) == full);
    }
}

TEST_CASE("The derived keys of a page are the page's key, a mark and a word") {
    CHECK(derived("/page", Derived::Lock) == "/page%00lock");
    CHECK(derived("/page", Derived::Uses) == "/page%00uses");
    const std::string longest(kMaxKeySize - 7, 'k');
    CHECK(derived(longest, Derived::Lock) == longest + "%00lock");
    CHECK(derived(longest + "k", Derived::Lock) == digest_of(longest + "k") + "%00lock");
    Key key;
    CHECK_FALSE(derive_key(Key(), Derived::Lock, key));
    CHECK(key.view().empty());
}

TEST_CASE("The key of a purge log is the escaped site's, as every purger makes it") {
    CHECK(log_of("") == "%00purges");
    CHECK(log_of("your-site-name-") == "your-site-name-%00purges");
    CHECK(log_of("100% a\x7f") == "100%25%20a%7F%00purges");
    const std::string longest(kMaxKeySize - 9, 'k');
    CHECK(log_of(longest) == longest + "%00purges");
    CHECK(log_of(longest + "k") == digest_of(longest + "k") + "%00purges");
    const std::string digest = digest_of(longest + "k");
    CHECK(log_of(digest) == digest_of(digest) + "%00purges");
}

namespace {

// Pieces that keys of all kinds are made of, so that some meet where they can.
std::string some_text(std::mt19937& random) {
    static const std::vector<std::string> pieces = {"/",
                                                    "a",
                                                    "b",
                                                    " ",
                                                    "%",
                                                    "%20",
                                                    "%25",
                                                    "%00",
                                                    std::string(1, '\0'),
                                                    "lock",
                                                    "uses",
                                                    "purges",
                                                    "part",
                                                    "00",
                                                    "25",
                                                    "20",
                                                    "x",
                                                    "variant",
                                                    "\x7f",
                                                    "sha256-",
                                                    "?",
                                                    "%0Aa",
                                                    "\n",
                                                    "%2500lock",
                                                    "subrequest",
                                                    std::string(120, 'k'),
                                                    std::string(64, 'e'),
                                                    digest_of(std::string(251, 'z'))};
    std::string text;
    for (auto count = random() % 5; count != 0; --count) {
        text += pieces[random() % pieces.size()];
    }
    return random() % 20 == 0 ? text + std::string(random() % 260, 'k') : text;
}

}  // namespace

TEST_CASE("Whatever a page, a site or a subrequest is called, no two of their keys are one") {
    std::mt19937 random(20260114);
    std::map<std::string, std::string> origins;  // of a key: what it was made of
    const auto note = [&](std::string_view key, const std::string& origin) {
        CAPTURE(key, origin);
        REQUIRE(is_legal(key));
        REQUIRE(origins.try_emplace(std::string(key), origin).first->second == origin);
    };
    for (int round = 0; round < 40000; ++round) {
        const std::string text = some_text(random);
        note(log_of(text), "log of " + text);
        if (text.empty()) {
            continue;
        }
        Key page;
        Key included;
        Key key;
        REQUIRE(make_key(text, page));
        REQUIRE(derive_key_of_digest(text, Derived::Subrequest, included));
        note(page.view(), "page " + text);
        note(included.view(), "subrequest " + text);
        REQUIRE(derive_key_of_digest(text, Derived::Variant, key));
        note(key.view(), "variant " + text);
        for (const auto kind : {Derived::Lock, Derived::Uses, Derived::Part}) {
            const std::string word = std::to_string(static_cast<int>(kind));
            REQUIRE(derive_key(page, kind, key));
            REQUIRE_FALSE(is_own_key(key.view()));
            note(key.view(), word + " of page " + text);
            REQUIRE(derive_key(included, kind, key));
            note(key.view(), word + " of subrequest " + text);
        }
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
