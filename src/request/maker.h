#pragma once

// The location that makes a page, where it is another than the one that looks the page up:
// try_files, index, error_page and the like lead the request there. Its filters, header fields and
// access rules are the page's, as with proxy_cache, which is looked up there. So the entry keeps
// its name, and a hit goes the way of the request until it is there.

#include <optional>

#include "format/envelope.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

// kMakerSection, of the entry whose maker a request was led to: the name of the location, NUL, and
// the backend that it passes requests to. These are the same for all servers with the same
// configuration, and after a reload. What the entry of a response is to say of it views the
// request's memory.
std::optional<format::EntrySection> maker_section(ngx_http_request_t* r);

// Whether the page is to be served in another location than the one where the request is.
bool names_another_location(const format::EntryView& page, const ngx_http_request_t* r);

// Whether the page that was found may be served in the location where the request is.
bool is_made_here(const Context& context);

// Whether the request has been led away from the location that looked its page up.
bool is_led_away(const Context& context);

}  // namespace mcache::request
