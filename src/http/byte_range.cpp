#include "http/byte_range.h"

#include <algorithm>

#include "base/integer.h"
#include "base/text.h"

namespace mcache::http {
namespace {

constexpr std::string_view kContentUnit = "bytes ";

std::optional<ByteRange> checked(ByteRange range, std::uint64_t size) {
    range.last = std::min(range.last, size - 1);
    return range.first <= range.last ? std::optional(range) : std::nullopt;
}

}  // namespace

std::optional<ByteRange> parse_single_range(std::string_view value, std::uint64_t size) {
    constexpr std::string_view kUnit = "bytes=";
    if (size == 0 || !iequals(value.substr(0, kUnit.size()), kUnit)) {
        return std::nullopt;
    }
    value.remove_prefix(kUnit.size());
    const std::size_t dash = value.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view first = trim_ows(value.substr(0, dash));
    const std::string_view last = trim_ows(value.substr(dash + 1));
    const auto begin = parse_decimal<std::uint64_t>(first);
    const auto end = parse_decimal<std::uint64_t>(last);
    if ((!begin && !first.empty()) || (!end && !last.empty()) || (!begin && !end)) {
        return std::nullopt;
    }
    if (!begin) {
        return *end == 0 ? std::nullopt
                         : std::optional(ByteRange{size - std::min(*end, size), size - 1});
    }
    return checked({*begin, end.value_or(size - 1)}, size);
}

std::optional<ByteRange> parse_content_range(std::string_view value, std::uint64_t size) {
    if (!value.starts_with(kContentUnit)) {
        return std::nullopt;
    }
    value.remove_prefix(kContentUnit.size());
    const std::size_t dash = std::min(value.find('-'), value.size());
    const std::size_t slash = std::min(value.find('/'), value.size());
    if (dash > slash || slash == value.size()) {
        return std::nullopt;
    }
    const auto first = parse_decimal<std::uint64_t>(value.substr(0, dash));
    const auto last = parse_decimal<std::uint64_t>(value.substr(dash + 1, slash - dash - 1));
    const auto total = parse_decimal<std::uint64_t>(value.substr(slash + 1));
    if (!first || !last || total != size || *first > *last || *last >= size) {
        return std::nullopt;
    }
    return ByteRange{*first, *last};
}

std::optional<std::uint64_t> size_in_content_range(std::string_view value) {
    const std::size_t slash = value.find('/');
    if (!iequals(value.substr(0, kContentUnit.size()), kContentUnit) ||
        slash == std::string_view::npos) {
        return std::nullopt;
    }
    return parse_decimal<std::uint64_t>(value.substr(slash + 1));
}

}  // namespace mcache::http
