#pragma once

// nginx's watch for a client that leaves, which a fill does without: others want the page.

namespace mcache::request {

class Context;

// There is no fill any more: a client that leaves ends the request.
void watch_client(Context& context);

// One that left while nobody watched for it ends the request now, of which there may be no end
// otherwise.
void look_for_client(Context& context);

}  // namespace mcache::request
