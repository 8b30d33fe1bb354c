#include "local/local_tier.h"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "base/keyed_hash.h"

namespace mcache::memcached {
namespace {

// One word of the sketch, and one bucket, per so many bytes: more than there are values.
constexpr std::size_t kBytesPerWord = 2048;
constexpr std::size_t kMinWords = 512;
constexpr std::size_t kMaxWords = std::size_t{1} << 20;

// A value may take at most this share of the memory.
constexpr std::size_t kLargestPart = 4;

constexpr std::int64_t kClockTolerance = 2;

// The allocator's overhead per block.
constexpr std::size_t kBlockOverhead = 16;

// Values of at least this size, with at least so many uses, are moved into a file, from which they
// are sent without copying.
constexpr std::size_t kSizeWorthAFile = 64 * 1024;
constexpr std::uint32_t kHitsWorthAFile = 8;

// Overhead of a file: it has whole pages, and the bytes to be sent start at a page.
constexpr std::size_t kPages = 2 * kMemoryPage;

std::size_t words_for(std::size_t size) {
    return std::bit_ceil(std::clamp(size / kBytesPerWord, kMinWords, kMaxWords));
}

}  // namespace

bool ItemIdentity::is_of(const ItemIdentity& other) const {
    const bool expire_together =
        (expires == 0) == (other.expires == 0) &&
        std::max(expires, other.expires) - std::min(expires, other.expires) <= kClockTolerance;
    return cas != 0 && cas == other.cas && connection == other.connection && size == other.size &&
           flags == other.flags && expire_together;
}

struct LocalTier::Entry : Link {
    Entry* next_in_bucket = nullptr;
    std::uint64_t hash = 0;
    std::size_t memory = 0;
    std::uint32_t hits = 0;
    std::size_t sent = 0;
    std::string key;
    Item item;
};

LocalTier::LocalTier(std::size_t size)
    : size_(size),
      sketch_(words_for(size)),
      buckets_(words_for(size)),
      recent_{&recent_, &recent_},
      used_(sketch_.memory() + buckets_.size() * sizeof(Entry*)) {
    in_files_.reserve(kMaxMemoryFiles);
}

LocalTier::~LocalTier() {
    for (Entry*& bucket : buckets_) {
        while (bucket != nullptr) {
            remove(&bucket);
        }
    }
}

// The link to the entry, or the place for a new one.
LocalTier::Entry** LocalTier::find(std::uint64_t hash, std::string_view key) {
    Entry** link = &buckets_[hash & (buckets_.size() - 1)];
    while (*link != nullptr && ((*link)->hash != hash || (*link)->key != key)) {
        link = &(*link)->next_in_bucket;
    }
    return link;
}

LocalTier::Item LocalTier::look(std::string_view key) {
    const std::uint64_t hash = keyed_hash(key);
    sketch_.count(hash);
    Entry* const entry = *find(hash, key);
    if (entry == nullptr) {
        return {};
    }
    entry->previous->next = entry->next;
    entry->next->previous = entry->previous;
    to_front(*entry);
    if (++entry->hits >= kHitsWorthAFile && std::has_single_bit(entry->hits)) {
        move_into_file(*entry);
    }
    return entry->item;
}

// If all files are in use, the next try is after twice as many uses.
void LocalTier::move_into_file(Entry& entry) {
    BufferRef& value = entry.item.value;
    if (value->size() < kSizeWorthAFile || value->fd() != -1) {
        return;
    }
    BufferRef copy = BufferRef::copy_into_file(*value, entry.sent);
    if (!copy && give_up_file(entry)) {
        copy = BufferRef::copy_into_file(*value, entry.sent);
    }
    if (copy) {
        in_files_.push_back(&entry);
        value = std::move(copy);
    }
}

// Moves the coldest value in a file back into plain memory, if it is colder than the new one.
// Values with about the same number of uses must not alternate. A frequency has few bits; beyond
// them, hits decide.
bool LocalTier::give_up_file(const Entry& newcomer) {
    const auto heat = [this](const Entry& entry) {
        return std::pair(sketch_.frequency(entry.hash), entry.hits);
    };
    const auto coldest = std::min_element(
        in_files_.begin(), in_files_.end(),
        [&](const Entry* one, const Entry* other) { return heat(*one) < heat(*other); });
    if (coldest == in_files_.end()) {
        return false;
    }
    Entry& entry = **coldest;
    const unsigned frequency = sketch_.frequency(newcomer.hash);
    const unsigned least = sketch_.frequency(entry.hash);
    if (frequency < least || (frequency == least && newcomer.hits / 2 < entry.hits)) {
        return false;
    }
    BufferRef copy = BufferRef::copy(*entry.item.value);
    if (!copy) {
        return false;
    }
    entry.item.value = std::move(copy);
    in_files_.erase(coldest);
    return true;
}

void LocalTier::keep(std::string_view key, const ItemIdentity& identity, const BufferRef& value,
                     std::size_t sent) {
    const std::uint64_t hash = keyed_hash(key);
    if (Entry** known = find(hash, key); *known != nullptr) {
        remove(known);
    }
    if (identity.cas == 0 || identity.expires == 0) {
        return;
    }
    const std::size_t memory = sizeof(Entry) + key.size() + 1 + value->memory() +
                               3 * kBlockOverhead + (value->size() >= kSizeWorthAFile ? kPages : 0);
    if (memory > size_ / kLargestPart || !make_room(memory, hash)) {
        return;
    }
    try {
        auto entry = std::make_unique<Entry>();
        entry->hash = hash;
        entry->memory = memory;
        entry->sent = sent;
        entry->key = key;
        entry->item = {identity, value};
        Entry** link = &buckets_[hash & (buckets_.size() - 1)];
        entry->next_in_bucket = *link;
        *link = entry.release();
        to_front(**link);
        used_ += memory;
    } catch (const std::bad_alloc&) {
        // Without memory the value is not kept.
    }
}

void LocalTier::drop(std::string_view key, const ItemIdentity& identity) {
    Entry** const known = find(keyed_hash(key), key);
    if (*known != nullptr && (*known)->item.identity.is_of(identity)) {
        remove(known);
    }
}

// Among keys with saturated counters, the most recently used one wins.
bool LocalTier::make_room(std::size_t memory, std::uint64_t hash) {
    const unsigned frequency = sketch_.frequency(hash);
    while (used_ + memory > size_) {
        if (recent_.previous == &recent_) {
            return false;
        }
        const auto& victim = *static_cast<Entry*>(recent_.previous);
        if (frequency < FrequencySketch::kMax && frequency <= sketch_.frequency(victim.hash)) {
            return false;
        }
        remove(find(victim.hash, victim.key));
    }
    return true;
}

void LocalTier::remove(Entry** link) {
    const std::unique_ptr<Entry> entry(*link);
    *link = entry->next_in_bucket;
    entry->previous->next = entry->next;
    entry->next->previous = entry->previous;
    used_ -= entry->memory;
    if (entry->item.value->fd() != -1) {
        std::erase(in_files_, entry.get());
    }
}

void LocalTier::to_front(Entry& entry) {
    entry.previous = &recent_;
    entry.next = recent_.next;
    recent_.next->previous = &entry;
    recent_.next = &entry;
}

}  // namespace mcache::memcached
