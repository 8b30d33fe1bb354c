#pragma once

// Vary. The primary key of a URL whose responses vary holds an index: the names of the request
// fields that select a variant, and a nonce. A variant lies under a key made of the primary key,
// the nonce and what the request says in those fields, so that removing the index removes them all.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "format/envelope.h"
#include "format/vary_index.h"
#include "http/vary.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

using format::VaryIndex;

// A field that no request brings: where an index names it, the pages of several backends lie under
// one URL.
inline constexpr std::string_view kBackendField = "mcache-backend";

// Whether a decoded entry is meant as an index.
bool is_index(const format::EntryView& entry);

// What an index says. False when it is none of ours.
bool read_index(const format::EntryView& entry, VaryIndex& out);

// The value to be stored under the primary key, with `further` sections; empty when there is no
// memory.
BufferRef encode_index(std::string_view full_key, const VaryIndex& index, std::int64_t fresh_until,
                       std::span<const format::EntrySection> further);

// The index after a response with this Vary: the names of both, and the nonce if there was one.
VaryIndex extended(const VaryIndex& known, const http::VaryNames& names);

// Full key of the variant that the request selects.
std::string variant_key(const Context& context, const VaryIndex& index);

}  // namespace mcache::request
