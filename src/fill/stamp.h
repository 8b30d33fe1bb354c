#pragma once

// What an entry keeps for the purges to come: how far the purge log of its server was before the
// backend was asked, and its tags.

#include <string>
#include <string_view>

#include "format/envelope.h"
#include "format/tags.h"
#include "http/reason.h"
#include "pool/claims.h"

namespace mcache::request {

class Context;

// A fill begins: notes how far the logs go as the worker knows them. Of a server that it knows
// nothing of the log is read, for the next time.
void take_stamps(Context& context);

// What an entry is to say of itself for the purges to come.
struct PurgeSections {
    std::string facts;    // section 3; empty: the log is not checked
    std::string further;  // section 5: the stamps of the servers that get a copy

    // Those that say something.
    template <class F>
    void for_each(F&& visit) const {
        if (!facts.empty()) {
            visit(format::EntrySection{format::kPurgeSection, facts});
        }
        if (!further.empty()) {
            visit(format::EntrySection{format::kFurtherStampsSection, further});
        }
    }
};

// Of the entry at hand, whose key must be chosen. A 304 that names no tags leaves those of the
// page. Else why the response must not be stored: it could not be purged.
http::Reason make_purge_sections(Context& context, PurgeSections& out);

// Of the URL's index.
PurgeSections purge_sections_of_index(const Context& context);

}  // namespace mcache::request
