#include "base/pattern.h"

#include <string>
#include <string_view>
#include <utility>

#include "unit/catch.h"

using mcache::Match;
using mcache::Pattern;

namespace {

Pattern compiled(std::string_view text, bool caseless = false) {
    std::string error;
    auto pattern = Pattern::compile(text, caseless, error);
    INFO(error);
    REQUIRE(pattern);
    return std::move(*pattern);
}

}  // namespace

TEST_CASE("A pattern is unanchored unless it anchors itself") {
    struct Case {
        const char* pattern;
        bool caseless;
        std::string_view subject;
        Match expected;
    };
    const Case cases[] = {
        {"/admin.*", false, "/admin/", Match::Yes},
        {"/admin.*", false, "/en/admin", Match::Yes},
        {"/admin.*", false, "/Admin", Match::No},
        {"/admin.*", true, "/ADMIN", Match::Yes},
        {"^/admin", false, "/en/admin", Match::No},
        {"\\.php$", false, "/index.php", Match::Yes},
        {"\\.php$", false, "/index.php?x", Match::No},
        {"(a)b\\1", false, "xaba", Match::Yes},
        {"", false, "", Match::Yes},
        {"x", false, "", Match::No},
        {"^a.b$", false, std::string_view("a\0b", 3), Match::Yes},
        {"\xe4", false, "caf\xe4", Match::Yes},
        {"^.\xff$", false, "\xfe\xff", Match::Yes},
    };
    for (const Case& c : cases) {
        CAPTURE(c.pattern, c.subject);
        CHECK(compiled(c.pattern, c.caseless).match(c.subject) == c.expected);
    }
}

TEST_CASE("A wrong pattern is refused with its fault and the offset of it") {
    struct Case {
        std::string_view pattern;
        std::string_view part_of_error;
    };
    const Case cases[] = {
        {"/a(b", "parenthes"}, {"/a(b", "at offset 4"}, {"[z-a]", "at offset 3"},
        {"*x", "at offset 0"}, {"(*UTF)x", "UTF"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.pattern);
        std::string error;
        CHECK_FALSE(Pattern::compile(c.pattern, false, error));
        CHECK_THAT(error, Catch::Matchers::ContainsSubstring(std::string(c.part_of_error)));
    }
}

TEST_CASE("A pattern that a subject drives into exponential time is given up") {
    for (const char* text : {"^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(x+x+)+[yz]"}) {
        CAPTURE(text);
        const std::string subject = std::string(4000, *text == '(' ? 'x' : 'a') + "!";
        CHECK(compiled(text).match(subject) == Match::Limit);
    }
}

TEST_CASE("A long subject that needs a deep stack is matched or given up") {
    const Pattern pattern = compiled("^(?:/(?:[a-z]|[0-9]){1,3})*!$");
    std::string subject;
    for (int i = 0; i < 2000; ++i) {
        subject += "/ab1";
    }
    CHECK(pattern.match(subject + "!") != Match::No);
    CHECK(pattern.match(subject + "?") != Match::Yes);
}

TEST_CASE("A pattern is used again after a match that was given up") {
    const Pattern pattern = compiled("^(a+)+$");
    CHECK(pattern.match(std::string(4000, 'a') + "!") == Match::Limit);
    CHECK(pattern.match("aaa") == Match::Yes);
    CHECK(pattern.match("b") == Match::No);
}
