#pragma once

#include "ngx/api.h"

namespace mcache::request {

// Puts the header filter and the body filter in front of the chains: before not_modified,
// range_body and copy, so that what is stored is the origin's complete, untransformed response.
void install_filters();

}  // namespace mcache::request
