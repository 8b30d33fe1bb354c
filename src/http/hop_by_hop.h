#pragma once

// Which response fields belong to one connection and are never stored (RFC 9110, section 7.6.1;
// RFC 9111, section 3.1), and which ones a 304 leaves alone (RFC 9111, section 3.2).

#include <string_view>

#include "http/field_names.h"
#include "http/header_field.h"

namespace mcache::http {

// Connection, Keep-Alive, Proxy-Connection, Proxy-Authenticate, Proxy-Authentication-Info,
// Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade, and Close, which is reserved (RFC
// 9112, section 9.6); in any case.
bool is_hop_by_hop(std::string_view name);

// The members of the Connection lines of `fields`, but for those that are hop-by-hop anyway: with
// the usual keep-alive or close, none.
FieldNames named_in_connection(HeaderFields fields);

// A 304's field of this name replaces the stored one. Not so the hop-by-hop ones and those that
// describe the stored bytes: Content-Encoding, Content-Length, Content-Range, Content-Type,
// Content-MD5, Digest and their kind, which a 304 often carries wrongly or of another variant, and
// ETag, which a filter on the way makes weak in a response but not in a 304.
bool updates_stored_field(std::string_view name);

}  // namespace mcache::http
