#pragma once

#include "http/storable.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

// The response's header was judged storable: encodes what precedes its body in the stored value
// and begins to collect the body. Else why not: it cannot be represented, there is no memory, or it
// could not be purged.
// `fields`: those of the origin.
http::Reason begin_capture(Context& context, const http::Verdict& verdict,
                           http::HeaderFields fields);

// The origin says that the page still stands (304): brings its fields and its freshness up to date,
// for the client at hand and in memcached for everybody. False when there is no memory; the page is
// then what it was.
bool freshen(Context& context);

// The body is there in full: sends the value off, detached from the request.
void store(Context& context);

// The response goes on to the client but not to memcached.
void drop_capture(Context& context, http::Reason why);

}  // namespace mcache::request
