#pragma once

namespace mcache::request {

class Context;

// Starts a background subrequest that asks the backend for the page anew and stores it, while the
// request at hand is served the stale one. It takes the lock over. False when it cannot be started.
bool refresh_in_background(Context& context);

}  // namespace mcache::request
