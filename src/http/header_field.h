#pragma once

// One field line of a message as it was received, and all of them in order. A name that occurs
// on several lines occurs several times here. Nothing is owned.

#include <span>
#include <string_view>

namespace mcache::http {

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

using HeaderFields = std::span<const HeaderField>;

}  // namespace mcache::http
