#pragma once

// What the origin sent and clients are not sent as it was: fields that the configuration hides,
// that are nginx's own to say (X-Accel-*, Date, Server), or that were rewritten (Location). Its
// section is kOriginSection: $upstream_http_* finds them on a hit, and some of them act on each
// response (kActing). An entry without it is of a response that came from no upstream.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/envelope.h"
#include "http/field_names.h"
#include "http/header_field.h"

namespace mcache::format {

// kStatusLineSection is the status line behind the version, where it is not this: "404 No such
// page".
inline constexpr std::string_view kUsualStatusLine = "200 OK";

// Of the fields that were `received`, those that are not among the `sent` ones as they came. Not
// the hop-by-hop fields, not those `named` in Connection, and no cookies. Whether a field is sent
// is told by where its value lies: nginx copies no bytes.
std::vector<EntryHeader> fields_not_sent(http::HeaderFields received,
                                         std::span<const EntryHeader> sent,
                                         const http::FieldNames& named);

// Header records as in the entry's head. Fields that a record cannot hold are left out.
std::string encode_origin_fields(std::span<const EntryHeader> fields);

// Views into the page; none when it has no such section, or the section is not well formed.
std::optional<std::vector<EntryHeader>> origin_fields(const EntryView& page);

// What the origin sent, whether or not clients are sent it; likewise.
std::optional<std::vector<EntryHeader>> all_origin_fields(const EntryView& page);

// Empty when there is none, or it does not begin with the page's status.
std::string_view status_line(const EntryView& page);

}  // namespace mcache::format
