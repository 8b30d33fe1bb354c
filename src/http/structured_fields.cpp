#include "http/structured_fields.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace mcache::http {
namespace {

// Each function reads one production of RFC 8941, section 4.2, from the front of `rest`, and is
// false where the RFC says that parsing fails.

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_alpha(char c) {
    return is_lower(to_lower(c));
}

bool take(std::string_view& rest, char c) {
    if (rest.empty() || rest.front() != c) {
        return false;
    }
    rest.remove_prefix(1);
    return true;
}

std::string_view take_front(std::string_view& rest, std::size_t count) {
    const std::string_view front = rest.substr(0, count);
    rest.remove_prefix(count);
    return front;
}

void skip_spaces(std::string_view& rest) {
    while (take(rest, ' ')) {
    }
}

void skip_ows(std::string_view& rest) {
    while (take(rest, ' ') || take(rest, '\t')) {
    }
}

template <typename Predicate>
std::string_view take_while(std::string_view& rest, Predicate predicate) {
    std::size_t length = 0;
    while (length < rest.size() && predicate(rest[length])) {
        ++length;
    }
    return take_front(rest, length);
}

// 4.2.3.3
bool read_key(std::string_view& rest, std::string_view& out) {
    if (rest.empty() || !(is_lower(rest.front()) || rest.front() == '*')) {
        return false;
    }
    out = take_while(rest, [](char c) {
        return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    });
    return true;
}

// 4.2.4
bool read_number(std::string_view& rest, StructuredValue& out) {
    constexpr std::size_t kIntegerDigits = 15;
    constexpr std::size_t kWholeDigits = 12;
    constexpr std::size_t kFractionDigits = 3;

    const bool negative = take(rest, '-');
    const std::string_view whole = take_while(rest, is_digit);
    if (whole.empty() || whole.size() > kIntegerDigits) {
        return false;
    }
    if (take(rest, '.')) {
        const std::string_view fraction = take_while(rest, is_digit);
        out.type = StructuredValue::Type::Decimal;
        return whole.size() <= kWholeDigits && !fraction.empty() &&
               fraction.size() <= kFractionDigits;
    }
    std::int64_t value = 0;
    for (const char c : whole) {
        value = value * 10 + (c - '0');
    }
    out.type = StructuredValue::Type::Integer;
    out.integer = negative ? -value : value;
    return true;
}

// 4.2.5
bool read_string(std::string_view& rest, StructuredValue& out) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
        const char c = rest[i];
        if (c == '"') {
            out.type = StructuredValue::Type::String;
            out.text = take_front(rest, i + 1).substr(1, i - 1);
            return true;
        }
        if (c == '\\') {
            ++i;
            if (i == rest.size() || (rest[i] != '"' && rest[i] != '\\')) {
                return false;
            }
        } else if (c < 0x20 || c > 0x7e) {
            return false;
        }
    }
    return false;
}

// 4.2.6
bool read_token(std::string_view& rest, StructuredValue& out) {
    out.type = StructuredValue::Type::Token;
    out.text = take_while(rest, [](char c) { return is_token_char(c) || c == ':' || c == '/'; });
    return true;
}

// 4.2.7. Missing padding and non-zero pad bits are let through, as the RFC recommends.
bool read_bytes(std::string_view& rest, StructuredValue& out) {
    rest.remove_prefix(1);
    out.type = StructuredValue::Type::Bytes;
    out.text = take_while(rest, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
    });
    const std::string_view padding = out.text.substr(std::min(out.text.find('='), out.text.size()));
    return take(rest, ':') && padding.size() <= 2 &&
           padding.find_first_not_of('=') == std::string_view::npos &&
           (out.text.size() - padding.size()) % 4 != 1;
}

// 4.2.8
bool read_boolean(std::string_view& rest, StructuredValue& out) {
    rest.remove_prefix(1);
    out.type = StructuredValue::Type::Boolean;
    out.boolean = take(rest, '1');
    return out.boolean || take(rest, '0');
}

// 4.2.3.1
bool read_bare_item(std::string_view& rest, StructuredValue& out) {
    out = {};
    if (rest.empty()) {
        return false;
    }
    const char c = rest.front();
    if (c == '-' || is_digit(c)) {
        return read_number(rest, out);
    }
    if (c == '"') {
        return read_string(rest, out);
    }
    if (c == '*' || is_alpha(c)) {
        return read_token(rest, out);
    }
    if (c == ':') {
        return read_bytes(rest, out);
    }
    if (c == '?') {
        return read_boolean(rest, out);
    }
    return false;
}

// 4.2.3.2
bool skip_parameters(std::string_view& rest) {
    std::string_view key;
    StructuredValue value;
    while (take(rest, ';')) {
        skip_spaces(rest);
        if (!read_key(rest, key) || (take(rest, '=') && !read_bare_item(rest, value))) {
            return false;
        }
    }
    return true;
}

// 4.2.1.2
bool skip_inner_list(std::string_view& rest) {
    StructuredValue item;
    rest.remove_prefix(1);
    for (;;) {
        skip_spaces(rest);
        if (take(rest, ')')) {
            return true;
        }
        if (!read_bare_item(rest, item) || !skip_parameters(rest) || rest.empty() ||
            (rest.front() != ' ' && rest.front() != ')')) {
            return false;
        }
    }
}

// The part of a dictionary member after its key and before its parameters.
bool read_member_value(std::string_view& rest, StructuredValue& out) {
    if (!take(rest, '=')) {
        out = {};
        out.type = StructuredValue::Type::Boolean;
        out.boolean = true;
        return true;
    }
    if (!rest.empty() && rest.front() == '(') {
        out = {};
        out.type = StructuredValue::Type::InnerList;
        return skip_inner_list(rest);
    }
    return read_bare_item(rest, out);
}

}  // namespace

DictionaryReader::DictionaryReader(std::string_view line) : rest_(line) {
    skip_spaces(rest_);
    while (!rest_.empty() && rest_.back() == ' ') {
        rest_.remove_suffix(1);
    }
}

DictionaryReader::Step DictionaryReader::fail() {
    state_ = Step::Invalid;
    return state_;
}

// 4.2.2
DictionaryReader::Step DictionaryReader::next() {
    if (state_ != Step::Member) {
        return state_;
    }
    if (!first_) {
        skip_ows(rest_);
    }
    if (rest_.empty()) {
        state_ = Step::End;
        return state_;
    }
    if (!first_) {
        if (!take(rest_, ',')) {
            return fail();
        }
        skip_ows(rest_);
    }
    first_ = false;
    if (!read_key(rest_, key_) || !read_member_value(rest_, value_)) {
        return fail();
    }
    parameters_ = rest_;
    if (!skip_parameters(rest_)) {
        return fail();
    }
    parameters_.remove_suffix(rest_.size());
    return state_;
}

}  // namespace mcache::http
