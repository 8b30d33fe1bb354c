#pragma once

// What is to be done about what was found: serve it, fill, wait for another's fill, or pass.

#include <cstdint>
#include <optional>

#include "http/reason.h"
#include "ngx/api.h"
#include "request/context.h"
#include "request/finding.h"

namespace mcache::request {

enum class Next : std::uint8_t {
    Serve,  // the page
    Pass,   // the request goes on as if we were not there
    Fill,   // the backend is asked, and its response stored
    Count,  // mcache_min_uses
    Lock,   // one request fills or refreshes
    Wait,   // another one does
    Again,  // look again
};

// What is to be done about one finding. Nothing has been done about it yet.
struct Decision {
    Next next = Next::Fill;
    Status status = Status::Miss;  // Serve, Pass
    http::Reason reason = http::Reason::None;
    ngx_int_t refusal = 0;      // Pass: the status that ends the request without asking anybody
    bool refresh = false;       // Serve: the page is fetched anew behind the request
    bool for_itself = false;    // Fill: nobody else is to have the response
    bool revalidate = false;    // the backend is asked whether the page still stands
    Next if_lost = Next::Wait;  // Lock: where another has it
};

// A lookup as far as it has come. What a look found is in Context::found.
struct Lookup {
    ngx_msec_t began = ngx_current_msec;
    ngx_msec_t looked = ngx_current_msec;  // when the last look began
    unsigned looks = 0;                    // without having waited in between
    std::uint64_t arrival = 0;             // see WaitingRooms::moment()
    std::uint64_t seen = 0;  // CAS of what lay there when a server last answered; 0: none known
    net::ServerIndex seen_on = 0;         // that server
    unsigned refusals = 0;                // servers that failed while they were asked
    unsigned strangers = 0;               // fills waited for that made another variant
    bool counted = false;                 // this use was counted
    bool alone = false;                   // the fill that it waited for is not to be shared
    std::optional<std::uint64_t> broken;  // CAS of a page of which a part is missing
    std::optional<bool> unstorable;       // it asks itself not to be stored; once it matters
    WaitingRooms::Seat seat;              // once it waits for another's fill
};

Decision judge(Context& context, Lookup& lookup);
// After Next::Count, with what the counter says.
Decision counted(Context& context, const net::Result& uses, Lookup& lookup, Decision decision);
// After Next::Lock, with what became of the attempt.
Decision locked(Context& context, const net::Result& lock, Lookup& lookup, Decision decision);

// The request goes on as if we were not there.
Decision pass(Status as, http::Reason why);
// No server could answer, or none could of a part of the page.
Decision pass_without_answer(const net::Result& result);

// What a fill found out: the page is too large to be stored, and is asked for as the client asks.
bool is_known_too_large(const Context& context);

Status status_of_fill(const Context& context);

}  // namespace mcache::request
