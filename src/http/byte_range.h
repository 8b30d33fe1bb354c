#pragma once

// Ranges of bytes (RFC 9110, section 14).

#include <cstdint>
#include <optional>
#include <string_view>

namespace mcache::http {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // of the range, that is included

    bool operator==(const ByteRange&) const = default;
};

// The value of Range, of a representation of `size` bytes. Empty where it is not one range of bytes
// that lies within the representation: then the whole is sent, or 416.
std::optional<ByteRange> parse_single_range(std::string_view value, std::uint64_t size);

// The value of Content-Range as nginx writes it: "bytes FIRST-LAST/SIZE". Empty where it is
// anything else, or not of a representation of `size` bytes.
std::optional<ByteRange> parse_content_range(std::string_view value, std::uint64_t size);

// The size of the whole representation as Content-Range says it; empty where it does not.
std::optional<std::uint64_t> size_in_content_range(std::string_view value);

}  // namespace mcache::http
