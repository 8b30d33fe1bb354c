#include "base/spare_node.h"

#include <unordered_map>
#include <vector>

#include "unit/catch.h"

using Map = std::unordered_map<int, std::vector<int>>;

TEST_CASE("the entry that went last is used again, under another key") {
    Map map;
    mcache::SpareNode<Map> spare;
    std::vector<int>& first = spare.value_of(map, 1);
    first.push_back(5);
    CHECK(&spare.value_of(map, 1) == &first);
    first.clear();
    spare.erase(map, map.find(1));
    CHECK(map.empty());

    std::vector<int>& second = spare.value_of(map, 2);
    CHECK(&second == &first);
    CHECK(second.capacity() != 0);
    CHECK(map.size() == 1);
    CHECK(map.count(2) == 1);
    CHECK(&spare.value_of(map, 3) != &second);
    CHECK(map.size() == 2);
}

TEST_CASE("a spare entry does not take the place of one that is there") {
    Map map;
    mcache::SpareNode<Map> spare;
    spare.value_of(map, 1).push_back(5);
    spare.value_of(map, 2);
    spare.erase(map, map.find(2));
    CHECK(spare.value_of(map, 1).front() == 5);
    CHECK(map.size() == 1);
    CHECK(spare.value_of(map, 3).empty());
    CHECK(map.size() == 2);
}
