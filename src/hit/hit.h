#pragma once

#include "ngx/api.h"
#include "request/context.h"

namespace mcache::request {

// The context's page will be served, by hit_handler.
void begin_hit(Context& context, Status as);
// The same, in the location that made the page: here, or where the request is yet to be led to.
void begin_hit_at_maker(Context& context, Status as);

// Content handler that serves the context's page: status, headers and body go through nginx's own
// filters, so that 304, 206, gzip, SSI and the protocols are theirs.
ngx_int_t hit_handler(Context& context);

// Makes r->headers_out what the page says. False when there is no memory.
bool replay_page_header(Context& context);

// The page's body as the last buffer of a response; null when there is no memory.
ngx_chain_t* page_body(Context& context);

// Takes out what nginx's filters would ask for against RFC 9110: If-Modified-Since beside
// If-None-Match, If-Unmodified-Since beside If-Match (section 13.2.2) or without two dates to
// compare (section 13.1.4), a range whose If-Range is weak (section 13.1.5), and one of another
// method than GET (section 14.2).
void prepare_conditions(ngx_http_request_t* r);

// The response at hand was made while the page waited for the location that made it, which the
// request was not led to: it is what the URL now stands for. The page goes, or the next request
// would not find it either.
void give_up_page(Context& context);

}  // namespace mcache::request
