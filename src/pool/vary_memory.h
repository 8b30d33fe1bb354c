#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "format/vary_index.h"

namespace mcache::request {

using format::VaryIndex;

// A worker's bounded memory of indexes, with which it requests index and variant at the same time.
// It never uses a remembered index without memcached's own, or the key of a page that this worker
// itself has stored.
class VaryMemory {
  public:
    VaryIndex recall(std::string_view key) const;  // without names: not remembered
    void remember(std::string_view key, const VaryIndex& index);
    void forget(std::string_view key);

  private:
    static constexpr std::size_t kMaxIndexes = 8192;

    std::unordered_map<std::string, VaryIndex, KeyedHash, std::equal_to<>> indexes_;
};

}  // namespace mcache::request
