#include "purge/purge.h"

#include <algorithm>
#include <deque>

#include "fill/hit_for_miss.h"
#include "format/envelope.h"
#include "format/item_flags.h"
#include "ngx/guard.h"
#include "ngx/pool.h"
#include "purge/purge_answer.h"
#include "purge/purge_request.h"
#include "request/await.h"
#include "request/await_purge_log.h"
#include "request/content_handler.h"
#include "request/context.h"
#include "request/counters.h"

namespace mcache::request {

namespace {

using What = PurgeTarget::What;
using Result = PurgeTarget::Result;

bool acknowledged(const net::Result& result) {
    return result.outcome == net::Outcome::Found || result.outcome == net::Outcome::Missing;
}

void note_failure(PurgeTarget& target, net::ServerIndex server, const net::Result& result) {
    target.failed.push_back(result.server->name());
    target.missed.push_back(server);
}

// Stubs and hit-for-miss markers do not count as pages.
bool is_page(const net::Result& item, const PurgeTarget& target) {
    const bool marker = item.flags == format::kEntryFlags &&
                        item.size == unshared_marker_size(target.full_key_size);
    return item.outcome == net::Outcome::Found && item.size != 0 && !marker;
}

// One of the servers that may have the page.
struct Copy {
    PurgeTarget* target;
    net::ServerIndex server;
    net::Result found;
};

void note_removal(const Copy& copy, const net::Result& removed) {
    PurgeTarget& target = *copy.target;
    if (!acknowledged(removed)) {
        return note_failure(target, copy.server, removed);
    }
    const bool there = copy.found.outcome != net::Outcome::Found || is_page(copy.found, target);
    if (removed.outcome == net::Outcome::Found && there) {
        target.result = Result::Purged;
    } else if (target.result == Result::Failed) {
        target.result = Result::NotFound;
    }
}

// A soft purge applies only to items that can be served stale: entries without a fill in progress.
bool may_go_stale(const Context& context, const Copy& copy) {
    return context.conf().purge_soft && context.conf().keep_stale > 0 &&
           is_page(copy.found, *copy.target) && copy.found.flags == format::kEntryFlags;
}

BufferRef buffer_of(std::string_view text) {
    BufferRef buffer = BufferRef::allocate(text.size());
    if (buffer) {
        std::copy(text.begin(), text.end(), buffer->data());
    }
    return buffer;
}

metrics::Value<metrics::Worker::Purges> metric_of(What what) {
    switch (what) {
        case What::Page:
            return "page";
        case What::Prefix:
            return "prefix";
        case What::Tag:
            break;
    }
    return "tag";
}

void conclude(PurgeRequest& purge) {
    for (PurgeTarget& target : purge.targets) {
        if (!target.failed.empty()) {
            target.result = Result::Failed;
        } else if (target.what != What::Page) {
            target.result = Result::Purged;
        }
        if (target.result == Result::Failed) {
            tally<metrics::Worker::PurgeFailures>();
        } else {
            tally<metrics::Worker::Purges>(metric_of(target.what));
        }
    }
    answer_results(purge);
}

// Servers that did not acknowledge a target of the log.
std::vector<net::ServerIndex> missed_by(const PurgeRequest& purge, std::size_t log) {
    std::vector<net::ServerIndex> servers;
    for (const PurgeTarget& target : purge.targets) {
        if (target.log == log) {
            servers.insert(servers.end(), target.missed.begin(), target.missed.end());
        }
    }
    std::sort(servers.begin(), servers.end());
    servers.erase(std::unique(servers.begin(), servers.end()), servers.end());
    return servers;
}

// All pages on those servers count as purged, so the result cannot be "not found".
void excuse(PurgeRequest& purge, std::size_t log) {
    for (PurgeTarget& target : purge.targets) {
        if (target.log == log && !target.failed.empty()) {
            target.failed.clear();
            target.result = Result::Purged;
        }
    }
}

// All commands of a step are sent together; each is awaited.
Journey purge_targets(Context& context) {
    PurgeRequest& purge = *context.purge;
    const net::Client& client = context.client();
    const bool soft = context.conf().purge_soft;
    context.conf().pool->note_purge(context.site());
    std::vector<Copy> copies;
    for (PurgeTarget& target : purge.targets) {
        if (target.what == What::Page) {
            for (const net::ServerIndex server : client.holders(target.key.view())) {
                copies.push_back({&target, server, {}});
            }
        }
    }

    std::deque<Peek> peeks;
    std::deque<Remove> removals;
    std::deque<Append> appends;
    for (const Copy& copy : copies) {
        const std::string_view key = copy.target->key.view();
        peeks.emplace_back(context, copy.server, key);
        if (!soft) {
            removals.emplace_back(context, copy.server, key, net::RemoveCommand{});
        }
    }
    const std::vector<net::ServerIndex> servers = client.members();
    std::vector<std::size_t> appended_logs;
    for (std::size_t log = 0; log < purge.logs.size(); ++log) {
        if (purge.logs[log].lines.empty()) {
            continue;
        }
        const BufferRef lines = buffer_of(purge.logs[log].lines);
        if (!lines) {
            co_return;
        }
        for (const net::ServerIndex server : servers) {
            appends.emplace_back(context, server, purge.logs[log].key.view(), lines);
        }
        appended_logs.push_back(log);
    }

    for (std::size_t i = 0; i < copies.size(); ++i) {
        Peek& peek = peeks[i];
        copies[i].found = co_await peek;
    }
    for (std::size_t i = 0; soft && i < copies.size(); ++i) {
        net::RemoveCommand command;
        if (may_go_stale(context, copies[i])) {
            command.cas = copies[i].found.cas;
            command.stale_for = context.conf().keep_stale;
        }
        removals.emplace_back(context, copies[i].server, copies[i].target->key.view(), command);
    }
    std::deque<Remove> again;  // items that have changed since the look, or cannot be marked
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        Remove& removal = removals[i];
        const net::Result removed = co_await removal;
        if (removed.outcome == net::Outcome::Missing && may_go_stale(context, copies[i])) {
            again.emplace_back(context, copies[i].server, copies[i].target->key.view(),
                               net::RemoveCommand{});
            changed.push_back(i);
        } else {
            note_removal(copies[i], removed);
        }
    }
    for (std::size_t i = 0; i < changed.size(); ++i) {
        Remove& removal = again[i];
        note_removal(copies[changed[i]], co_await removal);
    }

    // If an append fails, the log is removed: without it every entry is invalid. memcached replies
    // "not stored" both for a missing log and for one that cannot grow.
    struct Reset {
        std::size_t log;
        net::ServerIndex server;
    };
    std::deque<Remove> resets;
    std::vector<Reset> reset;
    for (std::size_t i = 0; i < appends.size(); ++i) {
        Append& append = appends[i];
        const net::Result appended = co_await append;
        if (appended.outcome != net::Outcome::Found) {
            reset.push_back({appended_logs[i / servers.size()], servers[i % servers.size()]});
            resets.emplace_back(context, reset.back().server,
                                purge.logs[reset.back().log].key.view(), net::RemoveCommand{});
        }
    }
    for (std::size_t i = 0; i < resets.size(); ++i) {
        Remove& removal = resets[i];
        const net::Result removed = co_await removal;
        for (PurgeTarget& target : purge.targets) {
            if (!acknowledged(removed) && target.what != What::Page && target.log == reset[i].log) {
                note_failure(target, reset[i].server, removed);
            }
        }
    }

    // A purge holds without the servers that missed it if other servers have recorded this.
    for (std::size_t log = 0; client.options().keeps_copies() && log < purge.logs.size(); ++log) {
        const std::vector<net::ServerIndex> missed = missed_by(purge, log);
        if (!missed.empty()) {
            AwaitLostServers lost(context, purge.logs[log].site, missed);
            if (co_await lost) {
                excuse(purge, log);
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
    context.pass(Status::Bypass, http::Reason::Purge);
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
                // The handler continues; this releases the count taken by reading the body.
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
    set_content_handler<purge_answer_handler>(context);
    return NGX_OK;
}

}  // namespace mcache::request
