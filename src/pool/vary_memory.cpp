#include "pool/vary_memory.h"

namespace mcache::request {

VaryIndex VaryMemory::recall(std::string_view key) const {
    if (indexes_.empty()) {
        return {};
    }
    const auto found = indexes_.find(key);
    return found == indexes_.end() ? VaryIndex{} : found->second;
}

void VaryMemory::remember(std::string_view key, const VaryIndex& index) {
    if (indexes_.size() >= kMaxIndexes) {
        indexes_.clear();
    }
    indexes_.insert_or_assign(std::string(key), index);
}

void VaryMemory::forget(std::string_view key) {
    const auto found = indexes_.find(key);
    if (found != indexes_.end()) {
        indexes_.erase(found);
    }
}

}  // namespace mcache::request
