#include "policy/vary.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::policy::append_variant;
using mcache::policy::HeaderField;
using mcache::policy::normalise_vary_value;
using mcache::policy::parse_vary;
using mcache::policy::VaryNames;
using mcache::policy::VaryState;

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

std::string normal(std::string_view name, const Lines& lines) {
    std::string out = "before|";
    normalise_vary_value(name, lines, out);
    REQUIRE(out.starts_with("before|"));
    return out.substr(7);
}

struct Form {
    Lines lines;
    std::string_view expected;
};

void check(std::string_view name, std::initializer_list<Form> forms) {
    for (const Form& form : forms) {
        CAPTURE(name, form.lines);
        CHECK(normal(name, form.lines) == form.expected);
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

TEST_CASE("RFC 9111 4.1: white space and lines of a selecting field") {
    check("X-Foo", {
                       {{}, ""},
                       {{""}, ""},
                       {{"a"}, "a"},
                       {{" \ta\t "}, "a"},
                       {{"A"}, "A"},
                       {{"a  \t b"}, "a b"},
                       {{"a,b"}, "a,b"},
                       {{"a , b"}, "a,b"},
                       {{"a", "b"}, "a,b"},
                       {{"a", "", "b"}, "a,b"},
                       {{"b, a"}, "b,a"},
                       {{"a, ,b , "}, "a,,b,"},
                       {{" ,a"}, ",a"},
                       {{"a", " ,", "b"}, "a,,,b"},

                       {{"a;q=1.0"}, "a;q=1.0"},
                       {{"\"a ,  b\" , c"}, "\"a ,  b\",c"},
                       {{"\"a\\\"  b\"  c"}, "\"a\\\"  b\" c"},
                       {{"\"a  , b"}, "\"a  , b"},
                       {{"a\r\nb"}, "a b"},
                       {{"\"a\nb\""}, "\"a b\""},
                       {{std::string_view("a\0b", 3)}, "a b"},
                   });
    check("Cookie", {{{"a=1; b=2"}, "a=1; b=2"}, {{"b=2; a=1"}, "b=2; a=1"}});
}

TEST_CASE("RFC 9110 12.5.3: Accept-Encoding without regard to order, case and way of writing") {
    check("Accept-Encoding", {
                                 {{"gzip, br"}, "br,gzip"},
                                 {{"br,gzip"}, "br,gzip"},
                                 {{"GZip,  BR"}, "br,gzip"},
                                 {{"br", "gzip"}, "br,gzip"},
                                 {{"gzip, gzip, br"}, "br,gzip"},
                                 {{"gzip;q=1, br;q=1.000"}, "br,gzip"},
                                 {{"gzip;q=0.5"}, "gzip;q=0.5"},
                                 {{"gzip ; Q = 0.500"}, "gzip;q=0.5"},
                                 {{"gzip;q=0.0, *;q=0"}, "*;q=0,gzip;q=0"},
                                 {{"gzip;q=0."}, "gzip;q=0"},
                                 {{"gzip;q=1."}, "gzip"},
                                 {{"gzip;q=0.05"}, "gzip;q=0.05"},
                                 {{"gzip;q=1.1"}, "gzip;q=1.1"},
                                 {{"gzip;q=2"}, "gzip;q=2"},
                                 {{"gzip;q=.5"}, "gzip;q=.5"},
                                 {{"gzip;q=0.5000"}, "gzip;q=0.5000"},
                                 {{"gzip;q="}, "gzip;q="},
                                 {{"gzip;q"}, "gzip;q"},
                                 {{"gzip;"}, "gzip"},
                                 {{"gzip;q=1;q=0.5"}, "gzip;q=1;q=0.5"},
                                 {{"gzip;q=0.50;q=1.0"}, "gzip;q=0.50;q=1.0"},
                                 {{",, gzip ,"}, "gzip"},
                                 {{"; , ;q=1, gzip"}, "gzip"},

                                 {{""}, ""},
                                 {{"identity"}, "identity"},
                             });
}

TEST_CASE("RFC 9110 12.5.1 and 12.5.4: Accept-Language and Accept") {
    check("accept-language", {
                                 {{"en-GB,en;q=0.80, de"}, "de,en-gb,en;q=0.8"},
                                 {{"DE , en;q=.8"}, "de,en;q=.8"},
                             });
    check("ACCEPT", {
                        {{"text/html, */*;q=0.10"}, "*/*;q=0.1,text/html"},
                        {{"Text/HTML;Level=A"}, "text/html;level=A"},
                        {{"text/html;level=a"}, "text/html;level=a"},
                        {{"a/b;p=\"X, Y;q=1\";q=1.0"}, "a/b;p=\"X, Y;q=1\""},
                        {{"a/b;q=1.0;ext=V"}, "a/b;ext=V"},
                    });
    check("Accept-Charset", {{{"UTF-8, iso-8859-5"}, "iso-8859-5,utf-8"}});
}

TEST_CASE("a list too long to sort still has one form for one text") {
    std::string line;
    for (int i = 0; i < 100; ++i) {
        line += "X" + std::to_string(i) + " , ";
    }
    const std::string once = normal("Accept-Encoding", {line});
    CHECK(normal("Accept-Encoding", {line}) == once);
    CHECK(once.find("x99") != std::string::npos);
    CHECK(once.find(' ') == std::string::npos);
    CHECK(normal("Accept-Encoding", {once}) == once);
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
         "accept-encoding:br,gzip\ncookie\n"},
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
