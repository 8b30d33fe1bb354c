#include "module/phase_handler.h"

#include "fill/fill.h"
#include "hit/hit.h"
#include "hit/part_reader.h"
#include "hit/stand_in.h"
#include "http/request_target.h"
#include "lookup/lookup.h"
#include "ngx/fields.h"
#include "ngx/guard.h"
#include "ngx/upstream.h"
#include "purge/invalidate.h"
#include "purge/purge.h"
#include "request/await.h"
#include "request/content_handler.h"
#include "request/context.h"
#include "request/key.h"
#include "request/maker.h"

namespace mcache::request {

namespace {

using http::Reason;

// ---- may the request be looked up? ----------------------------------------------------------

bool has_body(const ngx_http_request_t* r) {
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}

bool matches_any(const std::vector<Pattern>& patterns, std::string_view uri) {
    for (const Pattern& pattern : patterns) {
        if (pattern.match(uri) != Match::No) {  // a match that was given up counts as one
            return true;
        }
    }
    return false;
}

// With its query and without: \.php$ means /a.php?x=1, too.
bool matches_target(const std::vector<Pattern>& patterns, std::string_view target) {
    const std::size_t query = target.find('?');
    return matches_any(patterns, target) ||
           (query != std::string_view::npos && matches_any(patterns, target.substr(0, query)));
}

// As the client spells it, and as the backend may read it: //admin and /%61dmin are /admin.
bool is_ignored(const Context& context) {
    const std::vector<Pattern>* patterns = context.conf().ignore;
    if (patterns == nullptr) {
        return false;
    }
    const std::string_view uri = ngx::view(context.request()->unparsed_uri);
    return matches_target(*patterns, uri) ||
           (needs_normalisation(uri) && matches_target(*patterns, normalise_target(uri)));
}

// Reason::None: it may. Anything else: the content handler runs as if we were not there.
Reason refuses_lookup(const Context& context) {
    const ngx_http_request_t* r = context.request();
    if ((context.conf().methods & r->method) == 0) {
        return Reason::Method;
    }
    if (has_body(r) && (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0) {
        return Reason::RequestBody;
    }
    if (r->headers_in.upgrade != nullptr) {
        return Reason::Upgrade;
    }
    if (is_ignored(context)) {
        return Reason::Ignored;
    }
    return Reason::None;
}

// ---- the phase ------------------------------------------------------------------------------

// A key may be made of the request's body, which then has to be there.
bool lacks_body(const ngx_http_request_t* r) {
    return has_body(r) && r == r->main && r->request_body == nullptr;
}

void body_was_read(ngx_http_request_t* r) {
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

ngx_int_t read_body(ngx_http_request_t* r) {
    const ngx_int_t rc = ngx_http_read_client_request_body(r, ngx::Guard<body_was_read>::call);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }
    // body_was_read() goes on; what is given back here is the count that reading took.
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

// Whether the text of `$request_body` has been asked for, and is kept as it was then.
bool has_asked_for_body(ngx_http_request_t* r) {
    const auto& main =
        *static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_mcache_module));
    return main.request_body != NGX_ERROR &&
           (r->variables[main.request_body].valid || r->variables[main.request_body].not_found);
}

// Reason::None: it is made.
Reason make_key_with_body(Context& context) {
    ngx_http_request_t* r = context.request();
    if (!has_body(r)) {
        return make_key(context) ? Reason::None : Reason::NoKey;
    }
    // What the rewrite phase made of the body was made before it was there.
    if (has_asked_for_body(r) || !make_key(context)) {
        return Reason::NoKey;
    }
    const bool is_in_memory = r->request_body != nullptr && r->request_body->temp_file == nullptr;
    return is_in_memory || !has_asked_for_body(r) ? Reason::None : Reason::BodyTooLarge;
}

// Whether the request may be looked up at all. If so, it stays in State::Arrived.
void arrive(Context& context) {
    if (begin_purge(context)) {
        return;
    }
    note_invalidation(context);
    if (const Reason refusal = refuses_lookup(context); refusal != Reason::None) {
        context.pass(Status::Bypass, refusal);
    }
}

void set_out(Context& context) {
    ngx_http_request_t* r = context.request();
    if (const Reason refusal = make_key_with_body(context); refusal != Reason::None) {
        return context.pass(Status::Bypass, refusal);
    }
    if (context.conf().honor_request_cache_control) {
        context.request_cache_control =
            http::parse_request_cache_control(collect_fields(r->headers_in.headers));
    }
    switch (ngx_http_test_predicates(r, context.conf().bypass)) {
        case NGX_OK:
            break;
        case NGX_DECLINED:  // as proxy_cache_bypass: not answered from the cache, but stored
            if (ngx_http_test_predicates(r, context.conf().no_store) != NGX_OK) {
                return context.pass(Status::Bypass, Reason::Bypass);  // or not even that
            }
            context.transition(State::Waiting);
            context.journey = fill_over(context);
            return;
        default:
            return context.pass(Status::Bypass, Reason::Bypass);
    }
    context.transition(State::Waiting);
    context.journey = look_up(context);
}

// A request meets mcache in the first location that uses it, and again in one that it is then led
// to: where the first let it pass, or where that one says something else, as which requests are to
// bypass the cache. What takes the place of an upstream's response (error_page,
// X-Accel-Redirect) is not looked up: it is not what the URL stands for.
bool has_its_own_say(const LocationConf& conf, const Context* context,
                     const ngx_http_request_t* r) {
    if (conf.pool == nullptr || r->err_status != 0 || r->upstream != nullptr) {
        return false;
    }
    if (context == nullptr) {
        return true;
    }
    if (&conf == &context->conf()) {
        return false;
    }
    switch (context->state()) {
        case State::Passing:
            return true;
        case State::Filling:
        case State::Deferred:
            return !conf.says_as(context->conf());
        default:
            return false;
    }
}

// Another location has the say from here on.
void hand_over(Context& context) {
    if (context.state() != State::Passing) {
        restore_request(context);
        forget_page(context);
        context.pass(context.status, Reason::OtherLocation);
    }
    context.superseded = true;
}

// A request that comes by again, woken or redirected inside nginx, goes on with what it began.
void arrive_again(Context& context, ngx_http_request_t* r) {
    if (context.state() == State::Deferred && r->upstream == nullptr && is_made_here(context)) {
        context.reason = context.deferred_reason;
        return begin_hit(context, context.deferred_as);
    }
    if (context.state() != State::Filling) {
        return;
    }
    if (may_stand_in(context, ngx::origin_status(r, r->err_status))) {
        restore_request(context);
        context.release();
        context.content.go_back(r);
        r->err_status = 0;
        return begin_hit(context, Status::Stale);
    }
    // The response of another location in place of an upstream's: its error page, or what it named
    // in X-Accel-Redirect. Neither is the page itself.
    const bool handed_over = r->upstream != nullptr;
    if (handed_over || location_conf(r).declared_off) {
        restore_request(context);
        context.pass(context.status, Reason::InternalRedirect);
    }
}

}  // namespace

namespace {

// A reset shows as an error of the socket, which asking for it clears.
bool is_reset(const ngx_connection_t& c) {
    int error = 0;
    socklen_t size = sizeof(error);
    return getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1 || error != 0;
}

// Ends a parked request whose connection or HTTP/2 stream was reset. The end of what the client
// sends is no such sign: as with proxy_cache, a client that has half closed gets its answer.
void watch_parked(ngx_http_request_t* r) {
    const ngx_connection_t& c = *r->connection;
    if (c.error || (r->stream == nullptr && is_reset(c))) {
        ngx_http_test_reading(r);
    } else {
        ngx_http_block_reading(r);
    }
}

// A request is mirrored whether or not it is a hit.
ngx_int_t mirror(ngx_http_request_t* r) {
    const ngx_http_handler_pt handler = main_conf(r).mirror_handler;
    return handler == nullptr ? NGX_DECLINED : handler(r);
}

}  // namespace

void park(ngx_http_request_t* r) {
    r->write_event_handler = ngx_http_request_empty_handler;
    if (r == r->main) {
        r->read_event_handler = watch_parked;
    }
}

void continue_request(Context& context) {
    ngx_http_request_t* r = context.request();
    ngx_connection_t* c = r->connection;
    ngx_http_set_log_request(c->log, r);
    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}

ngx_int_t lookup_handler(ngx_http_request_t* r) {
    Context* context = Context::find(r);
    if (r->post_action) {
        // The client has its answer, or left while its request was parked.
        if (context != nullptr && !context->journey.done()) {
            context->journey = Journey();
            context->pass(context->status, Reason::InternalRedirect);
        }
        return NGX_DECLINED;
    }
    if (has_its_own_say(location_conf(r), context, r)) {
        if (context != nullptr) {
            hand_over(*context);
        }
        context = Context::create(r);
        if (context != nullptr) {
            arrive(*context);
        }
    } else if (context != nullptr) {
        arrive_again(*context, r);
    }
    if (context == nullptr) {
        return NGX_DECLINED;
    }
    if (context->purge != nullptr) {
        return purge(*context);
    }
    if (context->state() == State::Arrived) {
        if (lacks_body(r)) {
            return read_body(r);
        }
        set_out(*context);
    }
    if (context->state() == State::Waiting && context->journey.done()) {
        context->pass(Status::Down, Reason::OutOfMemory);
    }

    switch (context->state()) {
        case State::Waiting:
            park(r);
            return NGX_AGAIN;
        case State::Hit:
            if (context->page_offered) {
                return NGX_DECLINED;  // nginx's filters refused it: this is their error_page
            }
            if (const ngx_int_t rc = mirror(r); rc != NGX_DECLINED) {
                return rc;
            }
            set_content_handler<hit_handler>(*context);
            return NGX_OK;  // skips what else is in this phase, try_files among it
        case State::Filling:
            run_content_as_fill(*context);
            return NGX_DECLINED;
        default:
            return context->refusal == 0 ? NGX_DECLINED : std::exchange(context->refusal, 0);
    }
}

}  // namespace mcache::request
