#pragma once

// The large values of one worker that somebody still has: a request that waits with one, a client
// that it is being sent to, the local tier. A value that memcached sends again while the first
// lives is dropped for that one, so that many clients of a page hold its bytes once.
//
// It holds no value itself: each tells it when its last reference goes.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/buffer.h"
#include "base/keyed_hash.h"
#include "local/local_tier.h"

namespace mcache::memcached {

class LiveValues {
  public:
    // What is smaller is not worth being looked for.
    static constexpr std::size_t kLarge = 64 * 1024;

    LiveValues() = default;
    ~LiveValues();
    LiveValues(const LiveValues&) = delete;
    LiveValues& operator=(const LiveValues&) = delete;

    // The value of that item which lives already, or else `value`, which is found from now on.
    BufferRef unite(std::string_view key, const ItemIdentity& identity, BufferRef value) noexcept;

    std::size_t count() const { return values_.size(); }

  private:
    struct Value;

    static bool is_same(const Value& known, ItemIdentity identity, const Buffer& value);
    void forget(const Value& value) noexcept;

    std::unordered_map<std::string, Value*, KeyedHash, std::equal_to<>> values_;  // by key
};

}  // namespace mcache::memcached
