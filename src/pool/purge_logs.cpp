#include "pool/purge_logs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ngx/clock.h"

namespace mcache::request {

bool put_text(net::StoreCommand& command, std::string_view text) {
    BufferRef buffer = BufferRef::allocate(text.size());
    if (!buffer) {
        return false;
    }
    std::copy(text.begin(), text.end(), buffer->data());
    command.parts.push_back({std::move(buffer), 0, text.size()});
    return true;
}

bool make_purge_log(std::uint64_t lost, std::string_view lines, net::StoreCommand& command) {
    const std::uint64_t epoch = format::next_purge_epoch(
        ngx::microseconds_now(), static_cast<std::uint64_t>(ngx_random()), lost);
    command.flags = format::purge_log_flags(epoch);
    return put_text(command, format::fresh_purge_log(epoch) + std::string(lines));
}

std::uint64_t purge_epoch_of_now() {
    constexpr std::uint64_t kSecond = 1000000;
    return format::make_purge_epoch(ngx::microseconds_now() + kSecond, ~std::uint64_t{0});
}

std::uint64_t purge_epoch_of(ngx_msec_t moment) {
    const std::uint64_t ago = (ngx_current_msec - moment) * 1000;
    return format::make_purge_epoch(ngx::microseconds_now() - ago, ~std::uint64_t{0});
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
    format::make_purge_log_key(name, site.key);
    return site;
}

std::vector<std::string> PurgeLogs::known_sites() const {
    std::vector<std::string> names;
    for (const auto& [name, site] : sites_) {
        names.push_back(name);
    }
    return names;
}

void PurgeLogs::make_room(std::size_t servers) {
    for (auto& [name, site] : sites_) {
        site.copies.resize(std::max(servers, site.copies.size()));
    }
}

format::Standing PurgeLogs::judge(const format::PurgeLog& log, const format::PurgeFacts& facts,
                                  std::string_view key, std::uint64_t page) {
    if (facts.stamp == log.end() && facts.stamp.epoch != 0) {
        return format::Standing::Stands;
    }
    if (page == 0 || facts.stamp.epoch != log.end().epoch) {
        return log.judge(facts.stamp, key, facts.tags);
    }
    if (!verdicts_) {
        verdicts_ = std::make_unique<std::array<Verdict, kVerdicts>>();
    }
    const std::uint64_t key_hash = keyed_hash(key);
    Verdict& verdict = (*verdicts_)[(key_hash ^ page) & (kVerdicts - 1)];
    if (verdict.page != page || verdict.key_hash != key_hash || verdict.stamp != facts.stamp ||
        verdict.end != log.end()) {
        verdict = {page, key_hash, facts.stamp, log.end(), log.judge(facts.stamp, key, facts.tags)};
    }
    return verdict.standing;
}

}  // namespace mcache::request
