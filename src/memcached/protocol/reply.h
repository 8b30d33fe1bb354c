#pragma once

// What a memcached server said: one `Reply` for the meta protocol and for the classic text
// protocol. Source: memcached's doc/protocol.txt and, where that is silent, the behaviour
// of 1.6.18.
//
// The parsers read ONE reply line. A data block, where `status` is Value, follows the line as
// `value_size` bytes and CRLF (and in the classic protocol kClassicEnd); framing it is the
// caller's work, because a block may be received straight into a buffer of its own.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/parse.h"

namespace mcache::memcached {

inline constexpr std::string_view kCrlf = "\r\n";

// What follows the last data block of a classic `get`.
inline constexpr std::string_view kClassicEnd = "END\r\n";

// The longest reply line that is looked at, CRLF included. The longest legal one holds a key of
// 250 bytes and a few numbers.
inline constexpr std::size_t kMaxReplyLine = 2048;

// memcached's own limit of the item size (-I) is 1 GiB.
inline constexpr std::uint32_t kMaxValueSize = std::uint32_t{1} << 30;

enum class ReplyStatus : std::uint8_t {
    Value,      // VA, VALUE: a data block of value_size bytes follows
    Ok,         // HD; STORED, DELETED, TOUCHED, OK, and the number that answers a classic incr
    Miss,       // EN; END in place of a VALUE
    NotStored,  // NS, NOT_STORED
    Exists,     // EX, EXISTS: the CAS differs
    NotFound,   // NF, NOT_FOUND: nothing there to delete, count or compare with
    NoOp,       // MN
    Version,    // VERSION, its argument in text
    Error,      // ERROR, CLIENT_ERROR, SERVER_ERROR: see error and text
};

enum class ErrorKind : std::uint8_t {
    None,
    Protocol,  // ERROR: the server does not know the command
    Client,    // CLIENT_ERROR: the command was malformed
    Server,    // SERVER_ERROR: out of memory, object too large, ...
};

// Whether a memcached that answers a command with this error has read the command's data block. It
// has where there was no room for the item (1.4.0 to 1.6.x: "SERVER_ERROR object too large for
// cache", "SERVER_ERROR out of memory storing object"). Where it did not know the command or
// refused its line, most versions take the data for commands, and the reply does not tell.
constexpr bool has_read_data(ErrorKind error) {
    return error == ErrorKind::Server;
}

inline constexpr std::int64_t kTtlUnlimited = -1;
inline constexpr std::int64_t kTtlAbsent = -2;

struct Reply {
    ReplyStatus status = ReplyStatus::Error;
    ErrorKind error = ErrorKind::None;
    bool won = false;         // W: this client is to (re)build the item
    bool stale = false;       // X: the item was marked stale
    bool token_sent = false;  // Z: another client has already won
    bool has_flags = false;
    bool has_size = false;  // value_size is known: from VA, VALUE or the s flag
    bool has_cas = false;
    bool has_opaque = false;
    bool key_is_base64 = false;    // b: another client stored the item under a base64 key
    std::uint32_t value_size = 0;  // bytes of the data block without its CRLF
    std::uint32_t flags = 0;       // client flags
    std::uint64_t cas = 0;
    std::uint64_t number = 0;       // the new value that answers a classic incr
    std::int64_t ttl = kTtlAbsent;  // seconds left; kTtlUnlimited, kTtlAbsent
    std::string_view opaque;        // without its O
    std::string_view key;           // k, or the key of a VALUE line; empty when absent
    std::string_view text;          // the version, or the whole error line, without CRLF
    std::size_t line_size = 0;      // bytes of the line with its CRLF

    // Whether the reply carries exactly the token that a command was composed with.
    bool answers(std::uint32_t expected_opaque) const;
};

// Reads one reply line of the meta protocol from the beginning of `bytes`; the views of `out`
// point into it. `out` is only meaningful after Parse::Ok.
// Flag letters that are not known are skipped, since later versions may add some. Invalid: a line
// that is no reply, without CRLF within kMaxReplyLine bytes, or with a control byte in it; a flag
// given twice; a number that does not parse; a value of more than `max_value_size` bytes.
Parse parse_meta_reply(std::string_view bytes, Reply& out,
                       std::uint32_t max_value_size = kMaxValueSize);

// The classic command whose reply is awaited. A reply that cannot answer it is Invalid.
enum class Expect : std::uint8_t {
    Get,      // VALUE key flags bytes [cas], END
    Store,    // STORED, NOT_STORED, EXISTS, NOT_FOUND: set, add, replace, cas
    Delete,   // DELETED, NOT_FOUND
    Touch,    // TOUCHED, NOT_FOUND
    Count,    // a number, NOT_FOUND: incr, decr
    Version,  // VERSION text
    Ok,       // OK: flush_all, verbosity
};

// As parse_meta_reply, for the classic text protocol. Errors are a reply to every command.
Parse parse_classic_reply(std::string_view bytes, Expect what, Reply& out,
                          std::uint32_t max_value_size = kMaxValueSize);

}  // namespace mcache::memcached
