#pragma once

#include "ngx/api.h"

namespace mcache::request {

class Context;

// Whether the client is another mcache that fills this very page: it holds the stub or the lock
// that this request meets, and asks for a newer page than lies there.
bool is_asked_by_filler(const Context& context);

// From here on the content handler's response is wanted as a whole: the backend is asked with GET
// and without the client's conditions and ranges, which nginx's own filters answer.
void begin_fill(Context& context);

// Lets the content handler run so that a client that leaves does not end a fill that outlives it.
void run_content_as_fill(Context& context);

// The response's header is there: the request is again what the client sent.
void restore_request(Context& context);

}  // namespace mcache::request
