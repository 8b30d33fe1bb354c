#include "lookup/log_check.h"

#include "format/tags.h"
#include "request/context.h"

namespace mcache::request {

namespace {

// What the context's entry says of itself for a log.
std::optional<format::PurgeFacts> facts_of(const Context& context, const format::PurgeLog& log) {
    const auto section = context.found.page->section(format::kPurgeSection);
    auto facts = section ? format::decode_purge_facts(*section) : std::nullopt;
    if (facts && context.client().options().keeps_copies()) {
        const auto further = context.found.page->section(format::kFurtherStampsSection);
        facts->stamp = format::stamp_of_epoch(facts->stamp, further.value_or(std::string_view()),
                                              log.end().epoch);
    }
    return facts;
}

}  // namespace

LogCheck::LogCheck(Context& context)
    : context_(context), checks_(context.conf().checks_purge_log()) {}

void LogCheck::begin(net::ServerIndex server) {
    if (checks_) {
        first_.emplace(context_, server);
        other_ = counts_ = &*first_;
    }
}

void LogCheck::begin_beside(net::ServerIndex server) {
    if (!checks_) {
        return;
    }
    if (server == first_->server()) {
        other_ = &*first_;
    } else {
        beside_.emplace(context_, server);
        other_ = &*beside_;
    }
}

void LogCheck::look_beside() {
    counts_ = other_;
}

const format::PurgeLog* LogCheck::log(const Context& context) const {
    // Where memcached has gone since, what was known before it did is no older than this request.
    return context.found.unreachable ? &counts_->last_known() : counts_->log();
}

bool LogCheck::guards_index() const {
    return checks_ && context_.client().options().may_miss_purges();
}

bool LogCheck::index_stands(const Context& context) const {
    const format::PurgeLog* const by = log(context);
    const auto facts = by == nullptr ? std::nullopt : facts_of(context, *by);
    return facts && facts->stamp.epoch == by->end().epoch;
}

format::Standing LogCheck::judge(const Context& context, std::uint64_t cas) const {
    const format::PurgeLog* const by = log(context);
    const auto facts = by == nullptr ? std::nullopt : facts_of(context, *by);
    if (!facts) {
        return format::Standing::Gone;
    }
    return context.conf().pool->purge_logs().judge(*by, *facts, context.key_in_site(), cas);
}

}  // namespace mcache::request
