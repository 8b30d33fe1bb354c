#include "lookup/refresh.h"

#include "fill/fill.h"
#include "request/context.h"
#include "request/counters.h"

namespace mcache::request {

bool can_refresh_in_background(const Context& context) {
    const ngx_http_request_t* r = context.request();
    const bool has_body = r->headers_in.content_length_n > 0 || r->headers_in.chunked;
    return !has_body || r->request_body != nullptr;
}

bool refresh_in_background(Context& context) {
    ngx_http_request_t* r = context.request();
    if (r == r->main) {
        r->preserve_body = 1;
    }
    ngx_http_request_t* background = nullptr;
    if (ngx_http_subrequest(r, &r->uri, &r->args, &background, nullptr,
                            NGX_HTTP_SUBREQUEST_CLONE | NGX_HTTP_SUBREQUEST_BACKGROUND) != NGX_OK) {
        return false;
    }
    background->header_only = 1;

    // The clone begins in our phase handler and finds that all has been decided.
    Context* refresh = Context::create(background);
    if (refresh == nullptr) {
        return false;
    }
    refresh->full_key = context.full_key;
    refresh->backend = context.backend;
    refresh->site_size = context.site_size;
    refresh->key = context.key;
    refresh->found = context.found;
    refresh->variant_full_key = context.variant_full_key;
    refresh->variant_key = context.variant_key;
    refresh->lease.at = context.lease.at;
    refresh->lease.cas = context.lease.cas;
    refresh->lease.life = context.lease.life;
    refresh->variant_lease.at = context.variant_lease.at;
    refresh->variant_lease.cas = context.variant_lease.cas;
    refresh->variant_lease.life = context.variant_lease.life;
    refresh->further = std::exchange(context.further, {});
    refresh->further_variant = std::exchange(context.further_variant, {});
    refresh->revalidating = context.revalidating;
    refresh->lock_key = context.lock_key;
    refresh->lock_server = context.lock_server;
    refresh->lock_cas = context.lock_cas;
    refresh->lock_life = context.lock_life;
    refresh->lock_taken = context.lock_taken;
    refresh->holds_lock = std::exchange(context.holds_lock, false);
    refresh->status = Status::Expired;
    refresh->reason = http::Reason::Expired;
    tally<metrics::Worker::Refreshes>();
    begin_fill(*refresh);
    return true;
}

}  // namespace mcache::request
