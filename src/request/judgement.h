#pragma once

// What is to be done about what was found: serve it, fill, wait for another's fill, or pass.

#include <cstdint>

#include "ngx/api.h"
#include "policy/reason.h"
#include "request/context.h"
#include "request/found.h"

namespace mcache::request {

enum class Next : std::uint8_t {
    Done,   // the context says what happens to the request
    Count,  // mcache_min_uses
    Lock,   // one request fills or refreshes
    Wait,   // another one does
    Again,  // look again
    Fill,
};

// A lookup as far as it has come.
struct Lookup {
    Found found = Found::Nothing;
    ngx_msec_t began = ngx_current_msec;
    ngx_msec_t looked = ngx_current_msec;  // when the last look began
    std::uint64_t arrival = 0;             // see WaitingRooms::moment()
    std::uint64_t seen = 0;  // CAS of what lay there when a server last answered; 0: none known
    net::ServerIndex seen_on = 0;         // that server
    unsigned refusals = 0;                // servers that failed while they were asked
    unsigned strangers = 0;               // fills waited for that made another variant
    bool counted = false;                 // this use was counted
    bool serve_while_updating = false;    // the page is stale, and is served at once
    bool refresh_early = false;           // the page is fresh, and due all the same
    bool alone = false;                   // the fill that it waited for is not to be shared
    std::optional<std::uint64_t> broken;  // CAS of a page of which a part is missing
    WaitingRooms::Seat seat;              // once it waits for another's fill
    bool update_behind = false;  // by leave of the response, its refresh too is not waited for
};

// The context is told where Done comes back.
Next judge(Context& context, Lookup& lookup);
// After Next::Count, with what the counter says.
Next counted(Context& context, const net::Answer& uses, Lookup& lookup);
// After Next::Lock, with what became of the attempt.
Next locked(Context& context, const net::Answer& lock, Lookup& lookup);

// The content handler is to run: as a fill, where the location stores.
void fill(Context& context, Status as);
Status status_of_fill(const Context& context);

// No server could answer, or none could of a part of the page.
void pass_without_answer(Context& context);
policy::Reason unavailable_reason(const net::Answer& answer);

}  // namespace mcache::request
