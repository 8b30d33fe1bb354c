#pragma once

// The `entry` format: a complete response as the value of one memcached item whose client flags are
// kEntryFlags. Little-endian, without padding:
//
//     offset size
//          0    4  "MCE1"
//          4    4  head_size: offset of the body
//          8    8  body_size; head_size + body_size is the size of the value
//         16    2  status
//         18    2  number of header records
//         20    4  size of the key
//         24    8  generated   Unix time at which the origin made it: age = now - generated
//         32    8  stored_at   Unix time at which it was stored
//         40    8  fresh_until Unix time
//         48    4  stale_while_revalidate, seconds
//         52    4  stale_if_error, seconds
//         56    8  last_modified, Unix time; -1 when there is none
//         64    4  attributes
//         68    4  size of all sections
//         72       key; header records; sections; body
//
//     header record:  u8 HeaderId, u16 size of the name, u32 size of the value, name, value
//     section:        u16 type, u32 size, content
//
// A later version adds sections and attributes without breaking this one. Those that it must not be
// read without are marked critical, and a reader that does not know them says BadVersion.
//
// The value comes from memcached, where anybody may have written it: decode() checks everything
// once, and what an EntryView hands out afterwards lies within the value.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "format/header_id.h"
#include "format/little_endian.h"
#include "format/sections.h"

namespace mcache::format {

inline constexpr std::size_t kFixedHeadSize = 72;
inline constexpr std::size_t kSectionRecordSize = 6;  // before its content

// Times are kept within the years that HTTP dates can say, so that adding windows cannot overflow.
inline constexpr std::int64_t kMaxTime = 253402300799;  // 9999-12-31T23:59:59Z

// Bits of EntryHead::attributes.
inline constexpr std::uint32_t kMustRevalidate = 1u << 0;    // must not be served stale
inline constexpr std::uint32_t kBodyComplete = 1u << 1;      // the body is the whole representation
inline constexpr std::uint32_t kPickedByEncoding = 1u << 2;  // nginx's gzip_vary adds the Vary
// What of the origin's response (origin_fields.h) a hit has to obey.
inline constexpr std::uint32_t kAccelCharset = 1u << 3;    // X-Accel-Charset
inline constexpr std::uint32_t kAccelLimitRate = 1u << 4;  // X-Accel-Limit-Rate
inline constexpr std::uint32_t kRewrites = 1u << 5;        // proxy_redirect: Location and Refresh
inline constexpr std::uint32_t kStatusLine = 1u << 6;      // not the usual one
inline constexpr std::uint32_t kNoServer = 1u << 7;        // nor is nginx to add one
inline constexpr std::uint32_t kActing =
    kAccelCharset | kAccelLimitRate | kRewrites | kStatusLine | kNoServer;
// A bit of this half that a reader does not know makes the entry unreadable to it.
inline constexpr std::uint32_t kCriticalAttributes = 0xFFFF0000;

struct EntryHeader {
    HeaderId id = HeaderId::Other;  // classify(name)
    std::string_view name;
    std::string_view value;
};

// Before name and value.
inline constexpr std::size_t kHeaderRecordSize = 7;

struct EntrySection {
    std::uint16_t type = 0;  // sections.h
    std::string_view content;
};

// The facts of an entry, to be encoded or as decoded. Times are Unix times in seconds.
struct EntryFacts {
    std::uint16_t status = 0;  // 200 to 999
    std::int64_t generated = 0;
    std::int64_t stored_at = 0;
    std::int64_t fresh_until = 0;
    std::uint32_t stale_while_revalidate = 0;  // seconds past fresh_until
    std::uint32_t stale_if_error = 0;          // seconds past fresh_until
    std::int64_t last_modified = -1;           // -1: none
    std::uint32_t attributes = 0;
};

struct EntryHead : EntryFacts {
    std::string_view key;  // the full key, before it was made legal for memcached
    std::span<const EntryHeader> headers;
    std::span<const EntrySection> sections;
    std::uint64_t body_size = 0;  // may be patched in later
};

// Bytes that encode_head() will write. 0 when the head cannot be represented: a status out of
// range, a header name that is no token, a value with CR, LF or NUL in it, or sizes beyond their
// fields (names 2^16 - 1, all of it 2^32 - 1 bytes; 2^16 - 1 headers).
std::size_t encoded_head_size(const EntryHead& head);

// Writes encoded_head_size(head) bytes, which must not be 0. The body is to follow them.
// Times beyond kMaxTime either way are clamped.
void encode_head(const EntryHead& head, char* out);

// The head in a buffer with room for a body of this size behind it. Empty when the head cannot be
// represented, or when there is no memory.
BufferRef encode_head(const EntryHead& head, std::size_t body_size = 0);

// The same head with one more section behind its others. `head` is what encode_head() wrote. Writes
// head.size() + kSectionRecordSize + section.content.size() bytes, to be less than 2^32.
void add_section(std::string_view head, const EntrySection& section, char* out);

// For a body whose size is known only at its end. `head` is what encode_head() wrote.
void patch_body_size(char* head, std::uint64_t body_size);

// Whether the value begins as an entry of this or another version does.
bool begins_as_entry(std::string_view value);

enum class Decoded : std::uint8_t {
    Ok,
    NotAnEntry,  // does not begin as one
    BadVersion,  // an entry that this version cannot read
    Corrupt,     // an entry whose parts contradict each other
};

// One that lies there whole.
inline EntryHeader read_header_record(const char* at) {
    const auto name_size = load_little<std::uint16_t>(at + 1);
    const auto value_size = load_little<std::uint32_t>(at + 3);
    const auto id = static_cast<HeaderId>(static_cast<unsigned char>(*at));
    at += kHeaderRecordSize;
    return {
        id <= kLastHeaderId ? id : HeaderId::Other, {at, name_size}, {at + name_size, value_size}};
}

// Whether a record can hold the field.
bool fits_header_record(const EntryHeader& header);

// Returns the end of what it wrote.
char* write_header_record(char* at, const EntryHeader& header);

// A decoded entry. Its views, and those handed out by the visitors, point into the value.
class EntryView : public EntryFacts {
  public:
    std::string_view key;
    std::string_view body;

    std::size_t header_count() const { return header_count_; }
    // An ETag or Last-Modified to ask the origin with.
    bool has_validator() const { return has_etag_ || last_modified != -1; }

    // Calls visit(const EntryHeader&) for each header in the order of the response.
    template <class F>
    void for_each_header(F&& visit) const {
        const char* at = headers_.data();
        for (std::size_t i = 0; i < header_count_; ++i) {
            const EntryHeader header = read_header_record(at);
            visit(header);
            at = header.value.data() + header.value.size();
        }
    }

    // The content of the first section of this type.
    std::optional<std::string_view> section(std::uint16_t type) const {
        return (section_types_ & section_bit(type)) == 0 ? std::nullopt : find_section(type);
    }

  private:
    friend Decoded decode(std::string_view value, EntryView& out);

    // Most entries lack most of what they are asked for: types that share a bit are told apart by
    // looking.
    static constexpr std::uint32_t section_bit(std::uint16_t type) {
        return std::uint32_t{1} << (type % 32);
    }
    // Ok where all sections are whole and none is critical but unknown. Notes their types.
    Decoded check_sections();
    std::optional<std::string_view> find_section(std::uint16_t type) const;

    std::string_view headers_;
    std::string_view sections_;
    std::size_t header_count_ = 0;
    std::uint32_t section_types_ = 0;  // section_bit() of each
    bool has_etag_ = false;
};

// Reads and checks all of `value`. `out` is only meaningful after Decoded::Ok. Allocates nothing.
// Whether `out.key` is the key that was asked for is for the caller to compare.
Decoded decode(std::string_view value, EntryView& out);

}  // namespace mcache::format
