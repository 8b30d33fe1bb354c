#include "memcached/placement/placement.h"

#include <algorithm>
#include <utility>

namespace mcache::memcached {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::unique_ptr<Ring> ring_of(const std::vector<Placement::Member>& members, std::size_t left_out,
                              Distribution distribution, Hash hash, std::string& error) {
    std::vector<Ring::Server> servers;
    servers.reserve(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i != left_out) {
            servers.push_back(members[i].server);
        }
    }
    return Ring::create(servers, distribution, hash, error);
}

}  // namespace

Placement::Placement(std::vector<Member> members, Distribution distribution, Hash hash,
                     std::unique_ptr<Ring> ring)
    : members_(std::move(members)),
      distribution_(distribution),
      hash_(hash),
      ring_(std::move(ring)),
      rings_without_(members_.size()) {}

std::unique_ptr<Placement> Placement::create(std::vector<Member> members, Distribution distribution,
                                             Hash hash, std::string& error) {
    std::unique_ptr<Ring> ring = ring_of(members, kNone, distribution, hash, error);
    if (ring == nullptr) {
        return nullptr;
    }
    return std::unique_ptr<Placement>(
        new Placement(std::move(members), distribution, hash, std::move(ring)));
}

Placement::Candidates Placement::candidates(std::string_view key, std::size_t count) const {
    const std::size_t most = std::min({count, members_.size(), kMaxCandidates});
    std::array<std::size_t, kMaxCandidates> chosen{};
    Candidates out;
    const auto choose = [&](std::size_t member) {
        chosen[out.size_] = member;
        out.slots_[out.size_++] = members_[member].slot;
    };
    const auto is_chosen = [&](std::size_t member) {
        return std::find(chosen.begin(), chosen.begin() + out.size_, member) !=
               chosen.begin() + out.size_;
    };
    if (most != 0) {
        choose(members_.size() == 1 ? 0 : ring_->locate(key));
    }
    if (most > 1) {
        choose(second(key, chosen[0]));
    }
    for (std::size_t member = chosen[most > 1 ? 1 : 0]; out.size_ < most;) {
        member = (member + 1) % members_.size();
        if (!is_chosen(member)) {
            choose(member);
        }
    }
    return out;
}

std::size_t Placement::second(std::string_view key, std::size_t first) const {
    if (members_.size() == 2) {
        return 1 - first;
    }
    std::unique_ptr<Ring>& ring = rings_without_[first];
    if (ring == nullptr) {
        std::string error;
        ring = ring_of(members_, first, distribution_, hash_, error);
    }
    if (ring == nullptr) {  // libmemcached took the same servers before: there is no memory
        return (first + 1) % members_.size();
    }
    const std::size_t found = ring->locate(key);
    return found + (found >= first ? 1 : 0);
}

}  // namespace mcache::memcached
