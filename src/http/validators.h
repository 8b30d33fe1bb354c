#pragma once

// Validators: what tells the states of a representation apart (RFC 9110, section 8.8).

#include <cstdint>
#include <string_view>

#include "http/header_field.h"

namespace mcache::http {

// The first ETag and the first Last-Modified that are not empty. Views into the fields.
struct Validators {
    std::string_view etag;
    std::string_view last_modified;

    void add(const HeaderField& field);
};

Validators validators_of(HeaderFields fields);

// Whether a 304 with these validators speaks of another response than the stored one that was asked
// for (RFC 9111, section 4.3.4): it has an ETag that is not the page's, or where either has none, a
// Last-Modified that is not the page's. Tags are compared weakly, since a filter on the way makes
// the tag of a response weak, but not that of a 304. A 304 without any speaks of the page. `now` is
// for the two-digit years of rfc850 dates.
bool speaks_of_another(const Validators& page, const Validators& not_modified, std::int64_t now);

}  // namespace mcache::http
