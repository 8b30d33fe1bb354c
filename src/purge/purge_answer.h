#pragma once

#include <string_view>

#include "ngx/api.h"

namespace mcache::request {

class Context;
struct PurgeRequest;

// What the client is told when all targets have their result: 204 and 404 for what the request
// itself names, 200 for a list, 502 where a server did not acknowledge; a list of results in JSON
// with each but the 204.
void answer_results(PurgeRequest& purge);

// Nothing was purged: the request is wrong.
void answer_refusal(PurgeRequest& purge, ngx_uint_t status, std::string_view why);

// Content handler that sends the answer.
ngx_int_t purge_answer_handler(Context& context);

}  // namespace mcache::request
