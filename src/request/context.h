#pragma once

// One request's way through mcache. The Context lives in the request's pool, is found again after
// an internal redirect (which clears r->ctx), and owns all that the request holds: the journey
// coroutine with its wait, the page being served, the response being captured.

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/buffer.h"
#include "format/envelope.h"
#include "format/key.h"
#include "format/purge_log.h"
#include "http/cache_control.h"
#include "http/reason.h"
#include "memcached/client/client.h"
#include "ngx/api.h"
#include "pool/claims.h"
#include "request/conf.h"
#include "request/finding.h"
#include "request/journey.h"
#include "request/status.h"
#include "request/variant.h"

namespace mcache::request {

enum class State : std::uint8_t {
    Arrived,     // nothing is known yet
    Waiting,     // parked in the PRECONTENT phase until memcached answers
    Deferred,    // the page is served where the location that made it is met; see maker.h
    Hit,         // our content handler serves the page
    Filling,     // the content handler runs; its response may be stored
    Capturing,   // the response's header was judged storable, its body is being collected
    StandingIn,  // the page is sent in place of the response that the content handler makes
    Passing,     // the request goes on as if we were not there
};

// Where nginx's content phase was reached, with the location's filters and the URI that it saw.
class ContentPlace {
  public:
    void note(const ngx_http_request_t* r) {
        loc_conf_ = r->loc_conf;
        uri_ = r->uri;
        args_ = r->args;
    }
    // From the location of an error page.
    void go_back(ngx_http_request_t* r) const;

  private:
    void** loc_conf_ = nullptr;
    ngx_str_t uri_{};
    ngx_str_t args_{};
};

struct PurgeRequest;
class Capture;
class LargeHit;

class Context {
  public:
    Context(ngx_http_request_t* r, const LocationConf& location) noexcept
        : request_(r), conf_(location) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();

    // The request's context, or null where mcache has not met it.
    static Context* find(ngx_http_request_t* r);
    // Null when there is no memory.
    static Context* create(ngx_http_request_t* r);

    ngx_http_request_t* request() const { return request_; }
    const LocationConf& conf() const { return conf_; }
    // Whether a stub may mark the page as being filled. Not in the raw format: an application that
    // reads the key would see an empty page.
    bool takes_leases() const { return conf_.store && conf_.stored_format() == Format::Entry; }
    // Whether others may be waiting for what becomes of this request's fill.
    bool fills_for_others() const {
        return lease.held || variant_lease.held || holds_lock || leads || any_is_held(further) ||
               any_is_held(further_variant);
    }
    // Lets the next request that wants to fill or refresh the page do so.
    void release();
    // What release() would give back is another's to give back from now on.
    Claims take_claims();
    // The lock alone; null where it is not held.
    SharedClaims take_lock();
    // Whoever waits for the page is told what became of the fill.
    void wake_waiting(Wake why, net::Result made = {});

    // Under which key the page lies: the URL's, or the variant's where it varies.
    bool varies() const { return !found.index.names.empty(); }
    std::string_view full_key_of_page() const {
        return varies() ? std::string_view(variant_full_key) : full_key;
    }
    std::string_view key_of_page() const { return varies() ? variant_key.view() : key.view(); }
    const Lease& lease_of_page() const { return varies() ? variant_lease : lease; }
    Lease& lease_of_page() { return varies() ? variant_lease : lease; }

    std::string_view site() const { return full_key.substr(0, site_size); }
    std::string_view key_in_site() const { return full_key.substr(site_size); }

    net::Client& client() const { return conf_.pool->worker_client(); }

    State state() const { return state_; }
    // The one place where the state changes; a transition that the journey does not have is a bug.
    void transition(State next);

    bool serves_page() const { return state_ == State::Hit || state_ == State::StandingIn; }
    bool serves_entry() const { return serves_page() && found.page.is_entry(); }

    // The request goes on without us; `why` is what $mcache_reason says.
    void pass(Status as, http::Reason why);

    Status status = Status::Undecided;
    http::Reason reason = http::Reason::None;

    // Why the backend is asked, which stays when `reason` says why its response was not stored.
    http::Reason miss_reason = http::Reason::None;
    bool collapsed = false;   // waited for another request's fill
    bool superseded = false;  // the request was redirected, and another Context is its

    // ---- what is asked for
    std::string_view full_key;     // prefix and key, before they are made legal
    std::string_view backend;      // that makes the page, where the default key does not tell
    std::size_t site_size = 0;     // of the prefix
    format::Key key;               // as memcached sees it
    std::string variant_full_key;  // of the variant that the request selects, or once would have
    format::Key variant_key;
    Lease lease;            // of the URL's key
    Lease variant_lease;    // of the variant's key
    FurtherLeases further;  // of the URL's key; of servers with copies
    FurtherLeases further_variant;
    http::CacheControl request_cache_control;  // where it is honoured
    Journey journey;

    // ---- what was found
    Finding found;  // its page can be served: now, after a 304, or when the origin fails
    bool revalidating = false;  // the backend is asked whether the page still stands

    std::uint64_t page_size = 0;             // of its body, when its header was made
    Status deferred_as = Status::Undecided;  // Deferred: what the hit will be
    http::Reason deferred_reason = http::Reason::None;
    bool page_offered = false;  // Hit: its header went to nginx's filters, which may refuse it

    HeldMemory held;            // of the page, where it is large and in one item
    LargeHit* large = nullptr;  // how the page's body is sent where it lies in parts

    PurgeRequest* purge = nullptr;  // the request is one; see purge.h

    ngx_int_t refusal = 0;  // the status that ends the request without asking anybody

    // ---- the fill
    ngx_http_handler_pt content_handler = nullptr;     // the location's; see content_handler.h
    ngx_http_event_handler_pt read_handler = nullptr;  // nginx's watch for a client that leaves
    ContentPlace content;
    ngx_list_t client_headers{};  // as the client sent them, while the backend sees others
    bool headers_changed = false;
    bool converted_head = false;  // the client asked HEAD, the backend is asked GET
    bool header_was_all = false;  // the client gets no body, but the store does
    bool client_gone = false;     // output failed; the fill goes on
    bool in_filters = false;      // the filters behind ours are at work; see filters.cpp
    bool body_ended = false;      // the content handler's
    bool page_sent = false;       // StandingIn: the client gets no more than it was given
    bool page_refused = false;    // StandingIn: nginx's filters answer 412 or 416 in place of it
    format::Key lock_key;
    net::ServerIndex lock_server = 0;
    bool holds_lock = false;
    bool leads = false;            // the requests of this worker that would fill the page too
    std::uint64_t fill_began = 0;  // see WaitingRooms::moment(); where no memcached could be asked
    // Of the lock that is held, since an expired one may be another's by now: its CAS, 0 where the
    // server says none, and since when.
    std::uint64_t lock_cas = 0;
    std::uint64_t lock_life = 0;
    ngx_msec_t lock_taken = 0;
    bool ends_by_record = false;      // see ngx/upstream.h
    std::int64_t store_until = 0;     // Unix time past which nobody has a use for the entry
    Capture* capture = nullptr;       // Capturing
    std::span<format::Stamp> stamps;  // by server, of what was stored there; empty: none is made

  private:
    Claims claims_of_lock();

    ngx_http_request_t* request_;
    const LocationConf& conf_;
    State state_ = State::Arrived;
};

}  // namespace mcache::request
