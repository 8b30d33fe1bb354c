#pragma once

// Why a request was not looked up, not a hit, or its response not stored: every rung of the
// ladders that a user can see as $mcache_reason.

#include <cstdint>
#include <string_view>

namespace mcache::http {

enum class Reason : std::uint8_t {
    None,

    // Not looked up.
    Method,            // the method is not one of mcache_methods, or a HEAD's empty answer
    Ignored,           // mcache_ignore
    Bypass,            // mcache_bypass
    RequestBody,       // the request has a body
    RequestHeader,     // the request's Cache-Control or Pragma
    Upgrade,           // a connection upgrade
    NoKey,             // mcache_key is empty
    BodyTooLarge,      // mcache_key has $request_body, which is not in memory
    Purge,             // the request is one
    InternalRedirect,  // the request was redirected inside nginx after the lookup

    // Looked up, and not a fresh hit.
    Miss,
    VaryMiss,  // the URL is there, this variant is not
    Expired,
    Purged,  // by tag, by key prefix, or softly
    Stale,   // served past its freshness
    OnlyIfCached,
    Down,
    Timeout,
    Garbage,       // memcached's reply or the entry did not parse
    Refused,       // memcached answered the command with an error
    KeyMismatch,   // the entry is another key's
    ForeignFlags,  // the item's flags are of a version or format unknown here
    LockTimeout,
    PartMissing,    // a part of a large body is gone
    OtherLocation,  // the request was led to another location than the one that makes the page
    Busy,  // large_buffers, store_buffers, the queue of a memcached or mcache_lock_waiters is full

    // Not stored.
    NoStore,   // mcache_no_store
    StoreOff,  // mcache_store off
    MinUses,
    RangeOffset,  // mcache_max_range_offset
    RawFormat,  // Vary, Content-Encoding or a status other than 200, which a raw body cannot carry
    Status,
    PartialContent,
    SetCookie,
    Private,
    CacheControlNoStore,
    CacheControlNoCache,
    Authorization,
    AccelExpires,  // X-Accel-Expires: 0
    NoFreshness,   // neither the response nor mcache_valid says for how long
    AlreadyStale,
    VaryStar,
    VaryTooLong,
    VaryInvalid,    // a member of Vary that is no field name
    Tags,           // mcache_tags: more than may be, or with control characters
    PurgeLog,       // what was purged on the page's server is not known yet
    HeaderInvalid,  // a name that is no token; a Content-Length that is none, or is contradicted
    TooLarge,
    Stream,  // it may never end; see stream.h
    Incomplete,
    Trailers,
    OutOfMemory,
};

// What the reason is of.
enum class Stage : std::uint8_t { Lookup, Hit, Store };

constexpr Stage stage_of(Reason reason) {
    return reason < Reason::Miss      ? Stage::Lookup
           : reason < Reason::NoStore ? Stage::Hit
                                      : Stage::Store;
}

// Whose doing it is that a response was not stored.
enum class Blame : std::uint8_t {
    Request,   // the same response to another request may be
    Response,  // so may be the next ones
    Cache,     // neither's: memory, memcached, configuration
};
Blame blame_for(Reason reason);

constexpr Reason kLastReason = Reason::OutOfMemory;

// Lower-case words with dashes, each different; "" for None. Points to static memory.
std::string_view reason_text(Reason reason);

}  // namespace mcache::http
