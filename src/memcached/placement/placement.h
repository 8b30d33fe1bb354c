#pragma once

// Where a key belongs among the servers of a pool, first choice first.
//
// The first is libmemcached's. The second is where libmemcached would put the key if the first were
// not in the list, so that the keys of a server that is lost spread over all others. Who comes
// third and later hardly matters: the servers that follow the second in the list, round and round.
// All nodes of a fleet, and a pool that was made anew from the same servers, agree on it.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "memcached/placement/ring.h"

namespace mcache::memcached {

class Placement {
  public:
    static constexpr std::size_t kMaxCandidates = 5;

    struct Member {
        std::size_t slot = 0;  // what the caller knows the server by
        Ring::Server server;
    };

    // Slots, no two the same.
    class Candidates {
      public:
        std::size_t size() const { return size_; }
        std::size_t operator[](std::size_t rank) const { return slots_[rank]; }
        const std::size_t* begin() const { return slots_.data(); }
        const std::size_t* end() const { return slots_.data() + size_; }

      private:
        friend class Placement;
        std::array<std::size_t, kMaxCandidates> slots_{};
        std::size_t size_ = 0;
    };

    // The order of the members matters as for Ring::create(). Null, with a sentence in `error`,
    // when libmemcached refuses.
    static std::unique_ptr<Placement> create(std::vector<Member> members, Distribution distribution,
                                             Hash hash, std::string& error);

    std::size_t size() const { return members_.size(); }

    // The slot where a key (as memcached sees it) has its place. Allocates nothing.
    std::size_t locate(std::string_view key) const {
        return members_[members_.size() == 1 ? 0 : ring_->locate(key)].slot;
    }

    // The first `count` choices, at most as many as there are members, and kMaxCandidates. The
    // rings that it takes to choose a second are made when they are needed first.
    Candidates candidates(std::string_view key, std::size_t count) const;

  private:
    Placement(std::vector<Member> members, Distribution distribution, Hash hash,
              std::unique_ptr<Ring> ring);

    // An index into members_, other than `first`.
    std::size_t second(std::string_view key, std::size_t first) const;

    std::vector<Member> members_;
    Distribution distribution_;
    Hash hash_;
    std::unique_ptr<Ring> ring_;
    mutable std::vector<std::unique_ptr<Ring>> rings_without_;  // by the member that is left out
};

}  // namespace mcache::memcached
