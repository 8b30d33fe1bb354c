#pragma once

// What becomes of those who wait for a response that will not be shared.

#include <cstddef>

#include "entry/envelope.h"

namespace mcache::request {

class Context;

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

}  // namespace mcache::request
