#pragma once

// For a map whose entries come and go all the time: the memory of the last one that went is used
// again for the next.

#include <utility>

namespace mcache {

// Map: one of std's with unique keys that are trivially copied, and whose values are left as new
// before their entry is erased.
template <class Map>
class SpareNode {
  public:
    // The value of `key`, made where there is none.
    typename Map::mapped_type& value_of(Map& map, typename Map::key_type key) {
        if (spare_.empty()) {
            return map[key];
        }
        if (const auto found = map.find(key); found != map.end()) {
            return found->second;
        }
        spare_.key() = key;
        return map.insert(std::move(spare_)).position->second;
    }
    void erase(Map& map, typename Map::iterator at) { spare_ = map.extract(at); }

  private:
    typename Map::node_type spare_;
};

}  // namespace mcache
