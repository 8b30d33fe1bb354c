#pragma once

#include <string_view>

#include "base/text.h"

namespace mcache::format {

// Fields that say where a message ends and what becomes of its connection (RFC 9112). They are
// nginx's own to send: one in a stored header could make a client take a body for another response.
inline bool frames_message(std::string_view name) {
    switch (name.size()) {
        case 7:
            return iequals(name, "Upgrade") || iequals(name, "Trailer");
        case 10:
            return iequals(name, "Connection") || iequals(name, "Keep-Alive");
        case 14:
            return iequals(name, "Content-Length");
        case 17:
            return iequals(name, "Transfer-Encoding");
        default:
            return false;
    }
}

}  // namespace mcache::format
