#include "http/structured_fields.h"

#include <optional>
#include <string>
#include <string_view>

#include "unit/catch.h"

using mcache::http::DictionaryReader;
using mcache::http::StructuredValue;

namespace {

std::string shown(const StructuredValue& value) {
    const std::string text(value.text);
    switch (value.type) {
        case StructuredValue::Type::Integer:
            return std::to_string(value.integer);
        case StructuredValue::Type::Decimal:
            return "decimal";
        case StructuredValue::Type::String:
            return "<" + text + ">";
        case StructuredValue::Type::Token:
            return text;
        case StructuredValue::Type::Bytes:
            return ":" + text + ":";
        case StructuredValue::Type::Boolean:
            return value.boolean ? "yes" : "no";
        case StructuredValue::Type::InnerList:
            return "(...)";
    }
    return "?";
}

// "key=value key=value", or empty for a line that is no dictionary.
std::optional<std::string> read(std::string_view line) {
    DictionaryReader reader(line);
    std::string out;
    while (reader.next() == DictionaryReader::Step::Member) {
        out.append(out.empty() ? "" : " ").append(reader.key()).append("=");
        out += shown(reader.value());
    }
    if (reader.next() == DictionaryReader::Step::Invalid) {
        return std::nullopt;
    }
    return out;
}

struct Case {
    std::string_view line;
    std::optional<std::string_view> expected;
};

void check(std::initializer_list<Case> cases) {
    for (const Case& c : cases) {
        CAPTURE(c.line);
        const auto got = read(c.line);
        REQUIRE(got.has_value() == c.expected.has_value());
        if (got) {
            CHECK(*got == *c.expected);
        }
    }
}

constexpr auto kInvalid = std::nullopt;

}  // namespace

TEST_CASE("RFC 8941 4.2.2: dictionaries") {
    check({
        {"", ""},
        {"   ", ""},
        {"a", "a=yes"},
        {"  a  ", "a=yes"},
        {"a, b=1", "a=yes b=1"},
        {"a,b", "a=yes b=yes"},
        {"a\t , \tb", "a=yes b=yes"},
        {"a=1, a=2", "a=1 a=2"},
        {"*a_-.*9=1", "*a_-.*9=1"},
        {"a,", kInvalid},
        {"a, ", kInvalid},
        {",a", kInvalid},
        {"a,,b", kInvalid},
        {"a b", kInvalid},
        {"A", kInvalid},
        {"aB", kInvalid},
        {"1a", kInvalid},
        {"-a", kInvalid},
        {"_a", kInvalid},
        {"a=", kInvalid},
        {"a =1", kInvalid},
        {"a= 1", kInvalid},
        {"=1", kInvalid},
        {"a==1", kInvalid},
        {"\ta", kInvalid},
    });
}

TEST_CASE("RFC 8941 4.2.4: numbers") {
    check({
        {"a=0", "a=0"},
        {"a=-0", "a=0"},
        {"a=007", "a=7"},
        {"a=-42", "a=-42"},
        {"a=999999999999999", "a=999999999999999"},
        {"a=-999999999999999", "a=-999999999999999"},
        {"a=1000000000000000", kInvalid},
        {"a=1.5", "a=decimal"},
        {"a=-1.555", "a=decimal"},
        {"a=999999999999.999", "a=decimal"},
        {"a=1000000000000.0", kInvalid},
        {"a=1.5555", kInvalid},
        {"a=1.", kInvalid},
        {"a=.5", kInvalid},
        {"a=1.5.5", kInvalid},
        {"a=-", kInvalid},
        {"a=--1", kInvalid},
        {"a=+1", kInvalid},
        {"a=1x", kInvalid},
        {"a=1-1", kInvalid},
    });
}

TEST_CASE("RFC 8941 4.2.5 to 4.2.8: strings, tokens, bytes, booleans") {
    check({
        {"a=\"\"", "a=<>"},
        {"a=\"b, c\"", "a=<b, c>"},
        {"a=\"\\\"\\\\\"", "a=<\\\"\\\\>"},
        {"a=\"b", kInvalid},
        {"a=\"b\\", kInvalid},
        {"a=\"b\\c\"", kInvalid},
        {"a=\"\x7f\"", kInvalid},
        {"a=\"\t\"", kInvalid},
        {"a=\"\xc3\xa9\"", kInvalid},
        {"a='b'", kInvalid},
        {"a=b", "a=b"},
        {"a=B:/c*", "a=B:/c*"},
        {"a=*", "a=*"},
        {"a=b\"c\"", kInvalid},
        {"a=:YWJj:", "a=:YWJj:"},
        {"a=::", "a=::"},
        {"a=:YQ==:", "a=:YQ==:"},
        {"a=:YQ:", "a=:YQ:"},
        {"a=:Y:", kInvalid},
        {"a=:YQ=", kInvalid},
        {"a=:Y=Q=:", kInvalid},
        {"a=:Y Q:", kInvalid},
        {"a=:YQ===:", kInvalid},
        {"a=?1", "a=yes"},
        {"a=?0", "a=no"},
        {"a=?", kInvalid},
        {"a=?2", kInvalid},
        {"a=?10", kInvalid},
        {"a=@1", kInvalid},
        {"a=%\"b\"", kInvalid},
        {"a={b}", kInvalid},
    });
}

TEST_CASE("RFC 8941 4.2.1.2 and 4.2.3.2: inner lists and parameters") {
    check({
        {"a=()", "a=(...)"},
        {"a=(  )", "a=(...)"},
        {"a=(1 b \"c\" ?0)", "a=(...)"},
        {"a=( 1  b );x=1;y", "a=(...)"},
        {"a=(1;x b;y=2)", "a=(...)"},
        {"a=(1", kInvalid},
        {"a=(1,2)", kInvalid},
        {"a=(1\t2)", kInvalid},
        {"a=((1))", kInvalid},
        {"a=(\"b\"c)", kInvalid},
        {"a=1;x", "a=1"},
        {"a=1;x=2;x=\"3\", b", "a=1 b=yes"},
        {"a=1;  x", "a=1"},
        {"a;x=?0", "a=yes"},
        {"a=1 ;x", kInvalid},
        {"a=1;", kInvalid},
        {"a=1;X", kInvalid},
        {"a=1;x=", kInvalid},
        {"a=1;x= 1", kInvalid},
        {"a=1;\tx", kInvalid},
        {"a=1;x=(1)", kInvalid},
    });
}

TEST_CASE("a reader that came to its end stays there") {
    DictionaryReader done("a");
    CHECK(done.next() == DictionaryReader::Step::Member);
    CHECK(done.next() == DictionaryReader::Step::End);
    CHECK(done.next() == DictionaryReader::Step::End);
    DictionaryReader broken("a, B, c");
    CHECK(broken.next() == DictionaryReader::Step::Member);
    CHECK(broken.next() == DictionaryReader::Step::Invalid);
    CHECK(broken.next() == DictionaryReader::Step::Invalid);
}
