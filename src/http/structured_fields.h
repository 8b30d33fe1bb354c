#pragma once

// Structured fields of RFC 8941, as far as caching meets them: dictionaries. Strict: what section
// 4.2 of the RFC calls a failure is one.

#include <cstdint>
#include <string_view>

namespace mcache::http {

struct StructuredValue {
    enum class Type : std::uint8_t { Integer, Decimal, String, Token, Bytes, Boolean, InnerList };

    Type type = Type::Boolean;
    std::int64_t integer = 0;  // Integer
    bool boolean = false;      // Boolean
    std::string_view text;     // String: between the quotes, still escaped; Token; Bytes: base64
};

// Reads one field line as a dictionary, member by member, without allocating. Parameters are
// checked, not read. A key may come several times: the last one counts (section 3.2). Several
// field lines are one dictionary; a member never spans lines.
class DictionaryReader {
  public:
    enum class Step : std::uint8_t { Member, End, Invalid };

    explicit DictionaryReader(std::string_view line);

    // The next member. After End or Invalid: the same again. A dictionary that turns Invalid is
    // void as a whole, also the members before.
    Step next();

    std::string_view key() const { return key_; }
    const StructuredValue& value() const { return value_; }
    std::string_view parameters() const { return parameters_; }  // as they stand, with semicolons

  private:
    Step fail();

    std::string_view rest_;
    std::string_view key_;
    StructuredValue value_;
    std::string_view parameters_;
    Step state_ = Step::Member;
    bool first_ = true;
};

}  // namespace mcache::http
