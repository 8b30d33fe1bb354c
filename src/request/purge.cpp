#include "request/purge.h"

#include <algorithm>
#include <deque>

#include "entry/envelope.h"
#include "entry/item_flags.h"
#include "ngx/guard.h"
#include "ngx/pool.h"
#include "request/await.h"
#include "request/context.h"
#include "request/purge_answer.h"
#include "request/purge_request.h"
#include "request/store.h"

namespace mcache::request {

namespace {

using What = PurgeTarget::What;
using Result = PurgeTarget::Result;

bool acknowledged(const net::Answer& answer) {
    return answer.outcome == net::Outcome::Found || answer.outcome == net::Outcome::Missing;
}

void note_failure(PurgeTarget& target, const net::Answer& answer) {
    target.result = Result::Failed;
    target.failed.push_back(answer.server->name());
}

// Not a stub, nor the marker of a page that is not shared: with those nothing is there.
bool is_page(const net::Answer& item, const PurgeTarget& target) {
    const bool marker =
        item.flags == entry::kEntryFlags && item.size == unshared_marker_size(target.full_key_size);
    return item.outcome == net::Outcome::Found && item.size != 0 && !marker;
}

void note_removal(PurgeTarget& target, const net::Answer& found, const net::Answer& removed) {
    if (!acknowledged(removed)) {
        return note_failure(target, removed);
    }
    const bool there = found.outcome != net::Outcome::Found || is_page(found, target);
    target.result =
        removed.outcome == net::Outcome::Found && there ? Result::Purged : Result::NotFound;
}

// Softly, what can be served stale. That is an entry, and no fill may have begun on it meanwhile.
bool may_go_stale(const Context& context, const net::Answer& found, const PurgeTarget& target) {
    return context.conf().purge_soft && context.conf().keep_stale > 0 && is_page(found, target) &&
           found.flags == entry::kEntryFlags;
}

BufferRef buffer_of(std::string_view text) {
    BufferRef buffer = BufferRef::allocate(text.size());
    if (buffer) {
        std::copy(text.begin(), text.end(), buffer->data());
    }
    return buffer;
}

void conclude(PurgeRequest& purge) {
    for (PurgeTarget& target : purge.targets) {
        if (target.what != What::Page && target.failed.empty()) {
            target.result = Result::Purged;
        }
    }
    answer_results(purge);
}

// All commands of a step leave together; each is awaited.
Journey purge_targets(Context& context) {
    PurgeRequest& purge = *context.purge;
    const net::Client& client = context.client();
    const bool soft = context.conf().purge_soft;
    std::vector<PurgeTarget*> pages;
    for (PurgeTarget& target : purge.targets) {
        if (target.what == What::Page) {
            pages.push_back(&target);
        }
    }

    std::deque<Peek> peeks;
    std::deque<Remove> removals;
    std::deque<Append> appends;
    for (const PurgeTarget* page : pages) {
        const std::string_view key = page->key.view();
        peeks.emplace_back(context, key);
        if (!soft) {
            removals.emplace_back(context, client.locate(key), key, net::RemoveCommand{});
        }
    }
    for (const PurgedLog& log : purge.logs) {
        const BufferRef lines = buffer_of(log.lines);
        for (net::ServerIndex i = 0; lines && i < client.server_count(); ++i) {
            appends.emplace_back(context, i, log.key.view(), lines);
        }
        if (!lines) {
            co_return;
        }
    }

    std::vector<net::Answer> found;
    for (Peek& peek : peeks) {
        found.push_back(co_await peek);
    }
    for (std::size_t i = 0; soft && i < pages.size(); ++i) {
        const std::string_view key = pages[i]->key.view();
        net::RemoveCommand command;
        if (may_go_stale(context, found[i], *pages[i])) {
            command.cas = found[i].cas;
            command.stale_for = context.conf().keep_stale;
        }
        removals.emplace_back(context, client.locate(key), key, command);
    }
    std::deque<Remove> again;  // what has changed since it was looked at, or cannot be marked
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < pages.size(); ++i) {
        Remove& removal = removals[i];
        const net::Answer removed = co_await removal;
        note_removal(*pages[i], found[i], removed);
        if (removed.outcome == net::Outcome::Missing &&
            may_go_stale(context, found[i], *pages[i])) {
            const std::string_view key = pages[i]->key.view();
            again.emplace_back(context, client.locate(key), key, net::RemoveCommand{});
            changed.push_back(i);
        }
    }
    for (std::size_t i = 0; i < changed.size(); ++i) {
        Remove& removal = again[i];
        const net::Answer removed = co_await removal;
        note_removal(*pages[changed[i]], found[changed[i]], removed);
    }

    // What could not be appended to is removed: without its log every entry is gone. memcached says
    // "not stored" of a log that is not there, and also of one that cannot become longer.
    std::deque<Remove> resets;
    std::vector<std::size_t> reset_logs;
    for (std::size_t i = 0; i < appends.size(); ++i) {
        Append& append = appends[i];
        const net::Answer appended = co_await append;
        if (appended.outcome != net::Outcome::Found) {
            const std::size_t servers = client.server_count();
            const std::string_view key = purge.logs[i / servers].key.view();
            resets.emplace_back(context, i % servers, key, net::RemoveCommand{});
            reset_logs.push_back(i / servers);
        }
    }
    for (std::size_t i = 0; i < resets.size(); ++i) {
        Remove& reset = resets[i];
        const net::Answer removed = co_await reset;
        for (PurgeTarget& target : purge.targets) {
            if (!acknowledged(removed) && target.what != What::Page &&
                target.log == reset_logs[i]) {
                note_failure(target, removed);
            }
        }
    }
    conclude(purge);
}

void body_was_read(ngx_http_request_t* r) {
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

}  // namespace

bool begin_purge(Context& context) {
    ngx_http_request_t* r = context.request();
    const LocationConf& conf = context.conf();
    if ((conf.purge == nullptr && conf.purge_tags == nullptr) || r != r->main) {
        return false;
    }
    const ngx_int_t asked =
        conf.purge == nullptr ? NGX_DECLINED : ngx_http_test_predicates(r, conf.purge);
    if (asked == NGX_OK) {
        return false;
    }
    ngx_str_t tags{0, nullptr};
    const bool evaluated =
        asked == NGX_DECLINED &&
        (conf.purge_tags == nullptr || ngx_http_complex_value(r, conf.purge_tags, &tags) == NGX_OK);
    if (evaluated && conf.purge == nullptr && tags.len == 0) {
        return false;
    }
    context.pass(Status::Bypass, policy::Reason::Purge);
    context.purge = evaluated ? ngx::pool_new<PurgeRequest>(r->pool) : nullptr;
    if (context.purge == nullptr) {
        context.refusal = NGX_HTTP_INTERNAL_SERVER_ERROR;
        return true;
    }
    context.purge->by_key = conf.purge != nullptr;
    context.purge->tags = ngx::view(tags);
    return true;
}

ngx_int_t purge(Context& context) {
    ngx_http_request_t* r = context.request();
    PurgeRequest& purge = *context.purge;
    if (purge.step == PurgeRequest::Step::Body) {
        purge.step = PurgeRequest::Step::Targets;
        if (has_key_list(context)) {
            const ngx_int_t rc =
                ngx_http_read_client_request_body(r, ngx::Guard<body_was_read>::call);
            if (rc < NGX_HTTP_SPECIAL_RESPONSE) {
                // The handler goes on; what is given back here is the count that reading took.
                ngx_http_finalize_request(r, NGX_DONE);
                return NGX_DONE;
            }
            return rc;
        }
    }
    const bool refused = !purge.body.empty();
    if (purge.step == PurgeRequest::Step::Targets && !refused) {
        purge.step = PurgeRequest::Step::Purge;
        if (collect_targets(context)) {
            context.journey = purge_targets(context);
        }
    }
    if (!context.journey.done()) {
        park(r);
        return NGX_AGAIN;
    }
    r->content_handler = ngx::Guard<purge_answer_handler, NGX_HTTP_INTERNAL_SERVER_ERROR>::call;
    return NGX_OK;
}

}  // namespace mcache::request
