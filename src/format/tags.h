#pragma once

// The tags of a response, as Cache-Tag and Surrogate-Key fields list them, and what an entry keeps
// for the purges to come: section 3 of the envelope.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "format/purge_log.h"
#include "format/sections.h"

namespace mcache::format {

inline constexpr std::size_t kMaxTags = 1024;
inline constexpr std::size_t kMaxTagBytes = 16 * 1024;  // of all tags with a byte between them

// One byte or more, none of them a comma, white space or a control character.
bool is_tag(std::string_view text);

// A list of tags, separated by commas, white space or both. Appends each tag once, one a line
// without a line end behind the last. Invalid: a control character, or more than may be.
Parse parse_tags(std::string_view list, std::string& lines);

// Calls visit(std::string_view) for each tag of what parse_tags() made.
template <class F>
void for_each_tag(std::string_view lines, F&& visit) {
    while (!lines.empty()) {
        const std::string_view tag = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(tag.size() < lines.size() ? tag.size() + 1 : tag.size());
        visit(tag);
    }
}

// kPurgeSection: stamp (epoch and position, 8 bytes each, little-endian), then the tags as
// parse_tags() made them.
struct PurgeFacts {
    Stamp stamp;
    std::string_view tags;
};

std::string encode_purge_facts(const PurgeFacts& facts);

// Views into `section`; empty when it is too short to be one.
std::optional<PurgeFacts> decode_purge_facts(std::string_view section);

// kFurtherStampsSection, of an entry that is stored on more than one server, each of which has a
// log of its own: the stamps of the further ones, 16 bytes each as above.
std::string encode_stamps(std::span<const Stamp> stamps);

// The stamp by the log of that epoch: `first` or one in the section. Of several the earliest; where
// there is none, `first`.
Stamp stamp_of_epoch(const Stamp& first, std::string_view section, std::uint64_t epoch);

}  // namespace mcache::format
