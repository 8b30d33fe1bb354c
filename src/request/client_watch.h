#pragma once

// nginx's watch for a client that leaves, which a fill does without: others want the page.

#include "ngx/api.h"

namespace mcache::request {

class Context;

// Whether the fill goes on when its client has left. One that limit_conn counts would be held
// against the client's next request; and to go on uncounted would let one client start as many as
// it likes.
bool outlives_client(const ngx_http_request_t* r);

// There is no fill any more: a client that leaves ends the request.
void watch_client(Context& context);

// One that left while nobody watched for it ends the request now, of which there may be no end
// otherwise.
void look_for_client(Context& context);

}  // namespace mcache::request
