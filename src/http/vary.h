#pragma once

// Vary (RFC 9110, section 12.5.5; RFC 9111, section 4.1): the field names that select a variant,
// and what a request says in them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/header_field.h"

namespace mcache::http {

enum class VaryState : std::uint8_t {
    Ok,       // names() holds the list, possibly empty
    Star,     // "*" somewhere: matches no other request
    TooLong,  // beyond the bounds below
    Invalid,  // a member that is no field name
};

// Lower-case, sorted, without duplicates. Holds its text itself and never allocates; views from
// it live as long as it is neither destroyed nor added to. Lines may be added one by one.
class VaryNames {
  public:
    static constexpr std::size_t kMaxNames = 64;
    static constexpr std::size_t kMaxBytes = 2048;

    VaryNames() = default;

    // One line of Vary. Members are separated by commas or, as nginx reads it, white space.
    void add(std::string_view line);

    VaryState state() const { return state_; }
    std::size_t size() const { return state_ == VaryState::Ok ? count_ : 0; }
    bool empty() const { return size() == 0; }
    std::string_view operator[](std::size_t index) const {
        const Slice slice = slices_[index];
        return {text_.data() + slice.begin, slice.length};
    }

  private:
    struct Slice {
        std::uint16_t begin;
        std::uint16_t length;
    };

    void insert(std::string_view name);

    VaryState state_ = VaryState::Ok;
    std::uint16_t count_ = 0;
    std::uint16_t used_ = 0;
    std::array<Slice, kMaxNames> slices_;
    std::array<char, kMaxBytes> text_;
};

// All lines of Vary in a response.
VaryNames parse_vary(HeaderFields response);

// What distinguishes this variant, for the caller to digest: appends a line "name:value\n" for each
// line of the request that has such a field, or "name\n" where there is none. Values are taken as
// they are, for a backend may tell apart what means the same; only white space at their ends does
// not count, nor that around the commas of Accept-Charset, Accept-Encoding and Accept-Language. A
// name may stand in `names` that came from an index in memcached rather than from a response.
void append_variant(std::span<const std::string_view> names, HeaderFields request,
                    std::string& out);
void append_variant(const VaryNames& names, HeaderFields request, std::string& out);

}  // namespace mcache::http
