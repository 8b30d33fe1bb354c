#include "request/purge_logs.h"

#include <functional>

namespace mcache::request {

bool make_purge_log_key(std::string_view site, entry::Key& key) {
    // A NUL is what no URL holds, also decoded.
    std::string full(site);
    full += '\0';
    full += "purges";
    return entry::make_key(full, key);
}

PurgeLogs::Site& PurgeLogs::site(std::string_view name, std::size_t servers) {
    if (const auto found = sites_.find(name); found != sites_.end()) {
        return found->second;
    }
    if (sites_.size() >= kMaxSites) {
        sites_.clear();
        ++generation_;
    }
    Site& site = sites_.try_emplace(std::string(name)).first->second;
    site.copies.resize(servers);
    make_purge_log_key(name, site.key);
    return site;
}

entry::Standing PurgeLogs::judge(const entry::PurgeLog& log, const entry::PurgeFacts& facts,
                                 std::string_view key, std::uint64_t page) {
    if (facts.stamp == log.end() && facts.stamp.epoch != 0) {
        return entry::Standing::Stands;
    }
    if (page == 0 || facts.stamp.epoch != log.end().epoch) {
        return log.judge(facts.stamp, key, facts.tags);
    }
    if (!verdicts_) {
        verdicts_ = std::make_unique<std::array<Verdict, kVerdicts>>();
    }
    const std::size_t key_hash = std::hash<std::string_view>{}(key);
    Verdict& verdict = (*verdicts_)[(key_hash ^ page) & (kVerdicts - 1)];
    if (verdict.page != page || verdict.key_hash != key_hash || verdict.stamp != facts.stamp ||
        verdict.end != log.end()) {
        verdict = {page, key_hash, facts.stamp, log.end(), log.judge(facts.stamp, key, facts.tags)};
    }
    return verdict.standing;
}

}  // namespace mcache::request
