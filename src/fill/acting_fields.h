#pragma once

// What the origin's response makes nginx do beside sending it: nginx's upstream code does that
// once, on the fill, and a hit has to do it again.

#include <cstdint>
#include <span>
#include <vector>

#include "format/envelope.h"
#include "http/field_names.h"
#include "http/header_field.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

// Of the origin's `fields`, those to be kept beside the `sent` ones: fields_not_sent(), and what
// the proxy module may rewrite as it was received.
std::vector<format::EntryHeader> fields_to_keep(const ngx_http_request_t* r,
                                                http::HeaderFields fields,
                                                std::span<const format::EntryHeader> sent,
                                                const http::FieldNames& named);

// Which bits of format::kActing are to be set for these fields.
std::uint32_t acting_fields(const ngx_http_request_t* r, std::span<const format::EntryHeader> kept);

// On a hit, behind StoredPage::replay(). False when there is no memory.
bool obey_acting_fields(Context& context);

}  // namespace mcache::request
