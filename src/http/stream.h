#pragma once

// Responses that are sent while they come into being, and may never end: event streams, log tails,
// answers that are made word by word. Whoever waited for one to be stored could wait for ever.

#include <string_view>

namespace mcache::http {

struct StreamFacts {
    std::string_view content_type = {};
    bool has_length = false;   // Content-Length says where the body ends
    bool unbuffered = false;   // nginx passes on what the backend sends as it comes
    bool asks_for_it = false;  // because the response says so (X-Accel-Buffering: no)
};

bool is_stream(const StreamFacts& facts);

}  // namespace mcache::http
