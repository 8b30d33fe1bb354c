#pragma once

#include "entry/envelope.h"
#include "ngx/api.h"
#include "policy/storable.h"

namespace mcache::request {

class Context;

// The response's header was judged storable: encodes what precedes its body in the stored value
// and begins to collect the body. Else why not: it cannot be represented, there is no memory, or it
// could not be purged.
// `fields`: those of the origin.
policy::Reason begin_capture(Context& context, const policy::Verdict& verdict,
                             policy::HeaderFields fields);

// The origin says that the page still stands (304): brings its fields and its freshness up to date,
// for the client at hand and in memcached for everybody. False when there is no memory; the page is
// then what it was.
bool freshen(Context& context);

// The response is not to be stored, and so is likely the next: while mcache_lock is on, lets go who
// waits for it, and leaves a marker in place of the stub or the stale page, so that nobody waits
// for a response that will not be shared.
void mark_unshared(Context& context);

// The backend failed: those who wait have waited long enough, and ask it each by himself.
void let_waiting_go(Context& context);

// Whether a decoded entry is such a marker.
bool is_unshared_marker(const entry::EntryView& entry);
// How large it is for a full key of this size. No page is so small: it has a Date.
constexpr std::size_t unshared_marker_size(std::size_t key_size) {
    return entry::kFixedHeadSize + key_size + entry::kSectionRecordSize;
}

// The body is there in full: sends the value off, detached from the request.
void store(Context& context);

}  // namespace mcache::request
