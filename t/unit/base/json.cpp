#include "base/json.h"

#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using namespace mcache;

namespace {

constexpr std::size_t kMany = 1000;
using Strings = std::vector<std::string>;

Strings strings_of(std::string_view text) {
    Strings out;
    REQUIRE(parse_string_array(text, kMany, out) == Parse::Ok);
    return out;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

TEST_CASE("An array of strings") {
    CHECK(strings_of("[]").empty());
    CHECK(strings_of(" [ ] \r\n").empty());
    CHECK(strings_of(R"(["/a"])") == Strings{"/a"});
    CHECK(strings_of("\t[ \"/a\" ,\n\"\" , \"/b*\" ]") == Strings{"/a", "", "/b*"});
    CHECK(strings_of(R"(["\"\\\/\b\f\n\r\t"])") == Strings{"\"\\/\b\f\n\r\t"});
    CHECK(strings_of("[\" a \"]") == Strings{" a "});
}

TEST_CASE("Escapes become UTF-8") {
    CHECK(strings_of(R"(["\u0041\u00e9\u20aC\ud83d\ude00"])") ==
          Strings{"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"});
    CHECK(strings_of(R"(["\u0000"])") == Strings{std::string(1, '\0')});
    CHECK(strings_of("[\"\xc3\xa9\"]") == Strings{"\xc3\xa9"});
}

TEST_CASE("Anything else is refused") {
    Strings out;
    for (const std::string_view text : {"",
                                        "[",
                                        "]",
                                        "[\"a\"",
                                        "[\"a\",]",
                                        "[,]",
                                        "[\"a\" \"b\"]",
                                        "\"a\"",
                                        "[a]",
                                        "[1]",
                                        "[null]",
                                        "[[\"a\"]]",
                                        "{}",
                                        "[\"a]",
                                        "[\"a\nb\"]",
                                        "[\"\\x\"]",
                                        "[\"\\u12\"]",
                                        "[\"\\u12g4\"]",
                                        "[\"\\ud83d\"]",
                                        "[\"\\ud83d\\u0041\"]",
                                        "[\"\\ude00\"]",
                                        "[\"\\",
                                        "[\"a\"] x",
                                        "[\"\\u",
                                        "[]]"}) {
        CAPTURE(text);
        CHECK(parse_string_array(text, kMany, out) == Parse::Invalid);
    }
}

TEST_CASE("So are more strings than wanted") {
    Strings out;
    CHECK(parse_string_array(R"(["a","b"])", 2, out) == Parse::Ok);
    CHECK(parse_string_array(R"(["a","b","c"])", 2, out) == Parse::Invalid);
}

TEST_CASE("What is written is legal and comes back") {
    CHECK(quoted("/a?b=\"c\"\\") == R"("/a?b=\"c\"\\")");
    CHECK(quoted(std::string_view("\0\n\x7f", 3)) == R"("\u0000\u000a\u007f")");
    CHECK(quoted("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") ==
          "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    // C1 controls, and what hides or turns around the text beside it.
    CHECK(quoted("\xc2\x9b[31m\xc2\xa0") == "\"\\u009b[31m\xc2\xa0\"");
    CHECK(quoted("\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6\xe2\x82\xac") ==
          "\"\\u202e\\u2028\\u2066\xe2\x82\xac\"");
    // Not UTF-8: alone, overlong, a surrogate, beyond the last code point, cut off.
    CHECK(quoted("\xe9") == R"("\u00e9")");
    CHECK(quoted("\xc0\xaf") == R"("\u00c0\u00af")");
    CHECK(quoted("\xe0\x80\x80") == R"("\u00e0\u0080\u0080")");
    CHECK(quoted("\xed\xa0\x80") == R"("\u00ed\u00a0\u0080")");
    CHECK(quoted("\xf0\x80\x80\x80") == R"("\u00f0\u0080\u0080\u0080")");
    CHECK(quoted("\xf4\x90\x80\x80") == R"("\u00f4\u0090\u0080\u0080")");
    CHECK(quoted("\xf5") == R"("\u00f5")");
    CHECK(quoted("\xe2\x82") == R"("\u00e2\u0082")");
    for (const std::string_view text : {"", "/a b", "\x01\xc3\xa9\"", "\xf0\x9f\x98\x80"}) {
        CHECK(strings_of("[" + quoted(text) + "]") == Strings{std::string(text)});
    }
}
