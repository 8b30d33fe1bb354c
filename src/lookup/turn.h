#pragma once

// A lookup as far as it has come: what the request did, and what it learnt from the looks before
// the one that Context::found tells of.

#include <cstdint>
#include <optional>

#include "lookup/decide.h"
#include "lookup/facts.h"
#include "pool/waiting_room.h"
#include "request/context.h"

namespace mcache::request {

class Lookup {
  public:
    explicit Lookup(Context& context);

    // Nothing is left of what an earlier look found. False: there were too many in a row.
    bool begin_look();
    // When the last one began, as ngx_current_msec.
    ngx_msec_t looked() const { return looked_; }

    // What was found is the request's to decide upon. False: another server is to be asked first.
    bool note_found();
    Decision decide();

    // What attempts came to.
    void count(const net::Result& uses);
    void take_lock(const net::Result& lock);
    void take_lead();
    // False: so many wait already that this one may not.
    bool take_seat();

    // What the one that waited was told. True: what was made is what the request looked for, and
    // stands in the context.
    bool hear(net::Result&& told);
    // No memcached has answered this request yet.
    bool is_blind() const { return context_.found.unreachable && seen_ == 0; }
    // The page that was found has lost a part: it is not to be found again.
    void note_broken() { broken_ = context_.found.result.cas; }
    // It waited, though not for a fill.
    void has_waited() { looks_ = 0; }

  private:
    bool take_made(net::Result&& made);
    bool select_as_made();
    bool may_ask_another();
    void begin_turn();

    Context& context_;
    const RequestOf request_;
    const LookupRules rules_;
    Turn turn_;
    const ngx_msec_t began_ = ngx_current_msec;
    ngx_msec_t looked_ = ngx_current_msec;
    bool has_looked_ = false;
    unsigned looks_ = 0;           // without having waited in between
    const std::uint64_t arrival_;  // see WaitingRooms::moment()
    std::uint64_t seen_ = 0;  // CAS of what lay there when a server last answered; 0: none known
    net::ServerIndex seen_on_ = 0;         // that server
    unsigned refusals_ = 0;                // servers that failed while they were asked
    unsigned strangers_ = 0;               // fills waited for that made another variant
    std::optional<std::uint64_t> broken_;  // CAS of a page of which a part is missing
    WaitingRooms::Seat seat_;              // once it waits for another's fill
};

}  // namespace mcache::request
