#pragma once

#include <string_view>

#include "ngx/api.h"

namespace mcache::request {

class Context;
struct PurgeRequest;

// The response when all targets have their result: 204 or 404 for the request's own URL, 200 for a
// list, 502 if a server did not acknowledge. All but 204 have a list of results in JSON.
void answer_results(PurgeRequest& purge);

// The request is invalid, and nothing was purged.
void answer_refusal(PurgeRequest& purge, ngx_uint_t status, std::string_view why);

// Content handler that sends the answer.
ngx_int_t purge_answer_handler(Context& context);

}  // namespace mcache::request
