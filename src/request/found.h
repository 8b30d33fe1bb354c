#pragma once

// What a look found under a key.

#include <cstdint>

namespace mcache::request {

enum class Found : std::uint8_t {
    Nothing,
    Page,         // an entry
    Body,         // a body that the application wrote
    Index,        // this URL has variants
    OurStub,      // nothing, and this request is to fill it
    Stub,         // nothing, and another request fills it
    Unshared,     // nothing: its last responses were not stored
    NotOurs,      // the application keeps something else under this key
    Unavailable,  // no server answered
};

}  // namespace mcache::request
