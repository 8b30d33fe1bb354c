#pragma once

// Between the decision to serve a large page, or to have one stand by, and doing so: the memory
// that it takes on its way, and of a page in parts the first of them.

#include "lookup/decide.h"
#include "lookup/turn.h"
#include "request/journey.h"

namespace mcache::request {

// Whether the decision is about a page that prepare_large_page() has to see first.
bool needs_preparation(const Context& context, const Decision& decision);

// The decision becomes another one where there is no memory, a part is missing, or the page is to
// be looked for again because the request waited. `reserved` keeps memory for it over looks.
Detour prepare_large_page(Context& context, Lookup& lookup, HeldMemory& reserved,
                          Decision& decision);

}  // namespace mcache::request
