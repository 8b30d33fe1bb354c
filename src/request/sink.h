#pragma once

#include "ngx/api.h"

namespace mcache::request {

// Called when the header has been sent, for a request whose body is read on although its client
// gets none: the body goes to our filter as it arrives, whatever the client's connection is doing.
// nginx would wait for that connection to take it, which a background subrequest's never does: with
// proxy_max_temp_file_size 0 the refresh would hang. Without buffering, the subrequest would cancel
// the timer that limit_rate has set for the client. What never buffers (grpc_pass) still does so.
void send_body_to_sink(ngx_http_request_t* r);

}  // namespace mcache::request
