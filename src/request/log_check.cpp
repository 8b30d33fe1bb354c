#include "request/log_check.h"

#include "entry/tags.h"
#include "request/context.h"

namespace mcache::request {

LogCheck::LogCheck(Context& context)
    : context_(context), checks_(context.conf().checks_purge_log()) {}

void LogCheck::begin(const entry::Key& key) {
    if (checks_) {
        first_.emplace(context_, context_.client().locate(key.view()));
        other_ = counts_ = &*first_;
    }
}

void LogCheck::begin_beside(const entry::Key& key) {
    if (!checks_) {
        return;
    }
    const net::ServerIndex server = context_.client().locate(key.view());
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

entry::Standing LogCheck::judge(const Context& context, std::uint64_t cas) const {
    // Where memcached has gone since, what was known before it did is no older than this request.
    const entry::PurgeLog* log = context.unreachable ? &counts_->last_known() : counts_->log();
    const auto section = context.page.section(entry::kPurgeSection);
    const auto facts = section ? entry::decode_purge_facts(*section) : std::nullopt;
    if (log == nullptr || !facts) {
        return entry::Standing::Gone;
    }
    return context.conf().pool->purge_logs().judge(*log, *facts, context.key_in_site(), cas);
}

}  // namespace mcache::request
