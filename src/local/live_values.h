#pragma once

// The large values of one worker that are still in use: by a waiting request, by a client that
// receives it, or by the local tier. If memcached sends such a value again, the new copy is dropped
// in favour of the first, so that all clients of a page share its bytes.
//
// It holds no references itself: each value notifies it when its last reference goes.

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
    // Smaller values are not worth a lookup.
    static constexpr std::size_t kLarge = 64 * 1024;

    LiveValues() = default;
    ~LiveValues();
    LiveValues(const LiveValues&) = delete;
    LiveValues& operator=(const LiveValues&) = delete;

    // The live value of the same item; otherwise `value`, which is registered.
    BufferRef unite(std::string_view key, const ItemIdentity& identity, BufferRef value) noexcept;

    std::size_t count() const { return values_.size(); }

  private:
    struct Value;

    static bool is_same(const Value& known, ItemIdentity identity, const Buffer& value);
    void forget(const Value& value) noexcept;

    std::unordered_map<std::string, Value*, KeyedHash, std::equal_to<>> values_;  // by key
};

}  // namespace mcache::memcached
