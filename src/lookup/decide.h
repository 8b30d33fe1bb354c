#pragma once

// What is to be done about what memcached said: the page is served, the backend is asked, or the
// request waits for another's fill. A function of facts alone, which does nothing itself and sees
// neither nginx nor memcached: t/unit/lookup/decide.cpp is its table.

#include <cstdint>
#include <variant>

#include "http/cache_control.h"
#include "http/reason.h"
#include "http/request_policy.h"
#include "request/found.h"
#include "request/status.h"

namespace mcache::request {

// What memcached said.
struct LookupFacts {
    Found found = Found::Nothing;
    // Why there is no page; of Unavailable why no server could say.
    http::Reason why = http::Reason::Miss;
    // No memcached could say who is to fill, or is to be given the page.
    bool unreachable = false;
    // Of a Page.
    http::StoredFacts page;
    bool picked_by_encoding = false;  // by nginx, from files that lie beside each other
    // Of a Stub: milliseconds since it was made, by memcached's clock of whole seconds.
    std::int64_t stub_age = 0;
};

// What is known of the request. Asked where it matters only: a hit has no need of most of it.
class RequestFacts {
  public:
    virtual const http::CacheControl& cache_control() const = 0;
    virtual bool is_subrequest() const = 0;
    // Its range begins beyond mcache_max_range_offset.
    virtual bool range_is_too_far() const = 0;
    // Nothing that comes of it is for others: it may not be stored.
    virtual bool is_for_itself() const = 0;
    // It comes from another nginx that fills the same page.
    virtual bool is_asked_by_filler() const = 0;
    virtual bool can_refresh_in_background() const = 0;
    // What this worker learnt of the page: it is too large to be stored; so many responses were not
    // shared that nobody is to wait for the next; milliseconds since its stub was seen first.
    virtual bool is_known_too_large() const = 0;
    virtual bool is_unshared() const = 0;
    virtual std::int64_t stub_known_for() const = 0;

  protected:
    ~RequestFacts() = default;
};

// At the lock of a page, or at the lead among the requests of this worker.
enum class Attempt : std::uint8_t {
    NotMade,
    Won,     // just now
    Held,    // since before memcached was asked
    Lost,    // another request has it
    Failed,  // memcached could not say
};

enum class Uses : std::uint8_t { NotCounted, TooFew, Enough };

// What the request has done so far.
struct Turn {
    Attempt lock = Attempt::NotMade;
    Attempt lead = Attempt::NotMade;
    Uses uses = Uses::NotCounted;
    // Others may be waiting for what becomes of it: it holds a stub, the lock or the lead.
    bool fills_for_others = false;
    // The fill that it waited for is not to be shared.
    bool alone = false;
    std::int64_t waited = 0;  // milliseconds
};

struct LookupRules {
    http::ReuseRules reuse;
    bool store = false;
    bool revalidate = false;
    bool background_update = false;
    bool counts_uses = false;  // mcache_min_uses
    bool lock = false;
    std::int64_t lock_timeout = 0;  // milliseconds
    std::int64_t lock_age = 0;      // milliseconds
};

// The page is sent.
struct Serve {
    Status status = Status::Hit;
    http::Reason reason = http::Reason::None;
    bool revalidate = false;  // the backend is asked whether it still stands
    bool refresh = false;     // behind the request
};
// The backend is asked, and its response is stored.
struct Fill {
    Status status = Status::Miss;
    http::Reason reason = http::Reason::Miss;
    bool revalidate = false;
    bool for_itself = false;  // nobody else is to have the response
};
// The backend is asked as if mcache were not there.
struct Pass {
    Status status = Status::Miss;
    http::Reason reason = http::Reason::None;
};
// The client wants an answer from the cache or none: 504 (RFC 9111, section 5.2.1.7).
struct Refuse {};
struct GetLock {};
struct GetLead {};
struct CountThisUse {};
struct WaitForFill {};
struct LookAgain {};

using Decision =
    std::variant<LookAgain, Serve, Fill, Pass, Refuse, GetLock, GetLead, CountThisUse, WaitForFill>;

// `now`: Unix time. What an attempt came to stands in `turn` when this is called again; memcached
// need not be asked again in between, but where the decision is LookAgain.
Decision decide(const LookupFacts& facts, const RequestFacts& request, const Turn& turn,
                const LookupRules& rules, std::int64_t now);

// ---- what becomes of a decision that cannot be carried out

// memcached has said something else each time.
Decision after_too_many_looks(const LookupFacts& facts);
// So many requests wait already.
Decision without_seat(const LookupFacts& facts);
// There is no memory for a large page. A fill goes on without the page that would stand in.
Decision without_memory(const Decision& decision);
// A part of the page is not there (`why` is PartMissing), or could not be had.
Decision without_part(const Decision& decision, http::Reason why);

}  // namespace mcache::request
