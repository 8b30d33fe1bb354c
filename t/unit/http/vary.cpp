#include "http/vary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::http::append_variant;
using mcache::http::HeaderField;
using mcache::http::parse_vary;
using mcache::http::VaryNames;
using mcache::http::VaryState;

namespace {

using Lines = std::vector<std::string_view>;

VaryNames parsed(const Lines& lines) {
    std::vector<HeaderField> fields = {{"Varying", "*"}};
    for (const std::string_view line : lines) {
        fields.push_back({"vARY", line});
    }
    return parse_vary(fields);
}

std::string joined(const VaryNames& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out.append(i == 0 ? "" : " ").append(names[i]);
    }
    return out;
}

// What the lines of this field make of a variant, without the name.
std::string selected(std::string_view name, const Lines& lines) {
    std::vector<HeaderField> fields;
    for (const std::string_view line : lines) {
        fields.push_back({name, line});
    }
    std::string out = "before|";
    append_variant(parsed({name}), fields, out);
    REQUIRE(out.starts_with("before|"));
    return out.substr(7 + name.size());
}

struct Form {
    Lines lines;
    std::string expected;
};

void check(std::string_view name, std::initializer_list<Form> forms) {
    for (const Form& form : forms) {
        CAPTURE(name, form.lines);
        CHECK(selected(name, form.lines) == form.expected);
    }
}

}  // namespace

TEST_CASE("RFC 9110 12.5.5: the names of Vary") {
    struct Case {
        Lines lines;
        std::string_view expected;
    };
    const Case cases[] = {
        {{}, ""},
        {{""}, ""},
        {{" , ,"}, ""},
        {{"Accept-Encoding"}, "accept-encoding"},
        {{"accept-ENCODING, Accept-Encoding"}, "accept-encoding"},
        {{"Origin, Cookie,Accept"}, "accept cookie origin"},
        {{"Origin", "Cookie", "origin"}, "cookie origin"},
        {{"\tOrigin ,\tCookie,"}, "cookie origin"},
        {{"Origin Cookie"}, "cookie origin"},
        {{"a, ab, abc, b"}, "a ab abc b"},
        {{"X*"}, "x*"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.lines);
        const VaryNames names = parsed(c.lines);
        CHECK(names.state() == VaryState::Ok);
        CHECK(joined(names) == c.expected);
    }
}

TEST_CASE("RFC 9111 4.1: a star in any position of any line") {
    for (const Lines& lines : std::vector<Lines>{{"*"},
                                                 {" * "},
                                                 {"Accept, *"},
                                                 {"*, Accept"},
                                                 {"Accept,*,Cookie"},
                                                 {"Accept", "*"},
                                                 {"*", "Accept"},
                                                 {"Accept *"},
                                                 {"Accept;x, *"},
                                                 {"**, *"}}) {
        CAPTURE(lines);
        const VaryNames names = parsed(lines);
        CHECK(names.state() == VaryState::Star);
        CHECK(names.empty());
    }
}

TEST_CASE("a Vary that names no fields cannot be followed") {
    for (const std::string_view line :
         {"Accept;q", "\"*\"", "Accept, Foo/Bar", "Accept: Cookie", "\xc3\xa9"}) {
        CAPTURE(line);
        CHECK(parsed({line}).state() == VaryState::Invalid);
    }
}

TEST_CASE("the list of Vary is bounded, in names and in bytes") {
    std::string names;
    for (std::size_t i = 0; i < VaryNames::kMaxNames; ++i) {
        names += "X-" + std::to_string(i) + ", ";
    }
    CHECK(parsed({names}).size() == VaryNames::kMaxNames);
    CHECK(parsed({names, names}).size() == VaryNames::kMaxNames);
    CHECK(parsed({names, "x-64"}).state() == VaryState::TooLong);
    CHECK(parsed({names, "x-64"}).empty());
    CHECK(parsed({names, "x-64, *"}).state() == VaryState::Star);

    const std::string longest(VaryNames::kMaxBytes, 'a');
    CHECK(parsed({longest}).size() == 1);
    CHECK(parsed({longest + "b"}).state() == VaryState::TooLong);
    CHECK(parsed({longest, "b"}).state() == VaryState::TooLong);
}

TEST_CASE("RFC 9111 4.1: a value counts as it is, but for white space at its ends") {
    for (const std::string_view name : {"x-foo", "user-agent", "cookie", "accept", "te"}) {
        check(name,
              {
                  {{}, "\n"},
                  {{""}, ":\n"},
                  {{" "}, ":\n"},
                  {{"a"}, ":a\n"},
                  {{" \ta\t "}, ":a\n"},
                  {{"A"}, ":A\n"},
                  {{"a  \t b"}, ":a  \t b\n"},
                  {{"a , b"}, ":a , b\n"},
                  {{"a,,b,"}, ":a,,b,\n"},
                  {{"b, a"}, ":b, a\n"},
                  {{"a;q=1.0, a ; q=1"}, ":a;q=1.0, a ; q=1\n"},
                  // Lines are not joined: not every backend does so.
                  {{"a", "", "b"}, ":a\n" + std::string(name) + ":\n" + std::string(name) + ":b\n"},
                  {{"a\r\nb"}, ":a  b\n"},
                  {{std::string_view("a\0b", 3)}, ":a b\n"},
              });
    }
}

TEST_CASE("RFC 9110 5.6.1: white space around the commas of a list does not count") {
    for (const std::string_view name : {"accept-encoding", "accept-language", "accept-charset"}) {
        check(name, {
                        {{"gzip, br"}, ":gzip,br\n"},
                        {{"gzip \t,\t br"}, ":gzip,br\n"},
                        {{" , gzip ,, br , "}, ":,gzip,,br,\n"},
                        {{"gzip ;  q=1.0, br; q=0"}, ":gzip ;  q=1.0,br; q=0\n"},
                        {{"a  b"}, ":a  b\n"},
                        {{"\"a , b\" , c"}, ":\"a , b\",c\n"},
                        {{"\"a , b"}, ":\"a , b\n"},
                        // The rest is the backend's to read.
                        {{"br,gzip"}, ":br,gzip\n"},
                        {{"GZip,gzip,gzip;q=1"}, ":GZip,gzip,gzip;q=1\n"},
                        {{"a", "b"}, ":a\n" + std::string(name) + ":b\n"},
                    });
    }
}

TEST_CASE("RFC 9111 4.1: what selects a variant") {
    struct Case {
        std::vector<HeaderField> request;
        std::string_view expected;
    };
    const VaryNames names = parsed({"Accept-Encoding, Cookie"});
    const Case cases[] = {
        {{}, "accept-encoding\ncookie\n"},
        {{{"Host", "a"}}, "accept-encoding\ncookie\n"},
        {{{"Cookie", ""}}, "accept-encoding\ncookie:\n"},
        {{{"COOKIE", "a"}}, "accept-encoding\ncookie:a\n"},
        {{{"Accept-Encoding", "gzip"}, {"Host", "a"}, {"accept-encoding", "br"}},
         "accept-encoding:gzip\naccept-encoding:br\ncookie\n"},
        {{{"Cookie", "a\ncookie:b"}}, "accept-encoding\ncookie:a cookie:b\n"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.expected);
        std::string out;
        append_variant(names, c.request, out);
        CHECK(out == c.expected);

        const std::string_view listed[] = {"accept-encoding", "cookie"};
        out.clear();
        append_variant(listed, c.request, out);
        CHECK(out == c.expected);
    }
}
