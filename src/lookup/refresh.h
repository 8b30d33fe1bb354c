#pragma once

namespace mcache::request {

class Context;

// Not of a request whose body was not read: the backend would be told of a body that does not come.
bool can_refresh_in_background(const Context& context);

// Starts a background subrequest that asks the backend for the page anew and stores it, while the
// request at hand is served the stale one. It takes the lock over. False when it cannot be started.
bool refresh_in_background(Context& context);

}  // namespace mcache::request
