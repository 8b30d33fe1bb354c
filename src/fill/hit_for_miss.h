#pragma once

// What becomes of those who wait for a response that is not stored. The next in line takes over,
// one at a time: the request may have been the odd one. Where several responses in a row were not
// to be shared, all are let go, and nobody waits for the next ones for a while.

#include <cstddef>
#include <optional>

#include "format/envelope.h"
#include "http/reason.h"
#include "http/refusals.h"

namespace mcache::request {

class Context;

// The response at hand is not stored, and this is why. While mcache_lock is on, a marker that
// counts is left in place of the stub: the fleet's count. Where there is a page, which may yet be
// served stale, the worker counts for itself.
void note_refusal(Context& context, http::Reason why);

// A response was stored.
void forget_refusals(const Context& context);

// Whether so many were refused that nobody is to wait for the page at hand.
bool is_unshared(const Context& context);

// Whether mcache_no_store, the method or the request's Cache-Control say already that nothing that
// comes of this request is stored.
bool asks_not_to_be_stored(const Context& context);
// Whether its Authorization field does, as it did a moment ago.
bool is_refused_for_authorization(const Context& context);

// How many refusals a decoded entry counts; nothing where it is no such marker.
std::optional<unsigned> refusals_marked(const format::EntryView& entry);
// How large a marker is for a full key of this size. No page is so small: it has a Date.
constexpr std::size_t unshared_marker_size(std::size_t key_size) {
    return format::kFixedHeadSize + key_size + format::kSectionRecordSize + 1;
}

}  // namespace mcache::request
