#pragma once

// The Cache-Status response field of RFC 9211: one member of its list, about this cache. The
// caller adds it as a line of its own after those that came from the origin.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "http/reason.h"

namespace mcache::http {

// Why the request went forward (RFC 9211, section 2.2).
enum class Forward : std::uint8_t {
    No,
    Bypass,
    Method,
    UriMiss,
    VaryMiss,
    Miss,
    Request,
    Stale,
    Partial
};

struct CacheStatus {
    std::string_view cache = "mcache";  // this cache's name

    // Forward::No: a hit. fwd-status, stored and collapsed are written with a forward only.
    Forward forward = Forward::No;
    std::optional<unsigned> forward_status;  // the origin's status where it differs from ours
    bool stored = false;
    bool collapsed = false;

    std::optional<std::int64_t> ttl;  // seconds of freshness left, negative when stale
    std::string_view key;             // empty: not written
    std::string_view detail;          // empty: not written
};

// The fwd= that stands for a reason why a request was not answered from the cache.
Forward forward_for(Reason reason);

// Writes the member into `out` and returns the part written. A parameter that does not fit is left
// out whole (key and detail come last); empty when not even the name and hit or fwd fit. What a
// structured field's string cannot hold is written %XX.
std::string_view format_cache_status(const CacheStatus& status, std::span<char> out);

}  // namespace mcache::http
