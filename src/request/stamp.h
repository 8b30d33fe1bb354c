#pragma once

// What an entry keeps for the purges to come: how far the purge log of its server was before the
// backend was asked, and its tags.

#include <string>

#include "policy/reason.h"

namespace mcache::request {

class Context;

// A fill begins: notes how far the logs go as the worker knows them. Of a server that it knows
// nothing of the log is read, for the next time.
void take_stamps(Context& context);

// Puts into `section` what section 3 of the entry is to say, or nothing where the log is not
// checked. The entry's key must be chosen. A 304 that names no tags leaves those of the page.
// Else why the response must not be stored: it could not be purged.
policy::Reason make_purge_section(Context& context, std::string& section);

}  // namespace mcache::request
