#include "metrics/hot_keys.h"

#include <algorithm>
#include <cstring>

#include "base/keyed_hash.h"

namespace mcache {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Never 0, which is a free place.
std::uint64_t hash_of(std::string_view key) {
    return keyed_hash(key) | 1;
}

}  // namespace

std::uint64_t HotKeys::halvings(std::int64_t since, std::int64_t now) {
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>((now - since) / kHalfLife, 0, 63));
}

void HotKeys::age(std::int64_t now) {
    const std::int64_t since = aged_at_.load(kRelaxed);
    if (since != 0 && now - since < kHalfLife) {
        return;
    }
    const std::uint64_t times = halvings(since, now);
    total_.store(total_.load(kRelaxed) >> times, kRelaxed);
    for (Entry& entry : entries_) {
        entry.count.store(entry.count.load(kRelaxed) >> times, kRelaxed);
        entry.error.store(entry.error.load(kRelaxed) >> times, kRelaxed);
    }
    aged_at_.store(now, kRelaxed);
}

void HotKeys::note(std::string_view key, std::int64_t now) {
    age(now);
    total_.store(total_.load(kRelaxed) + 1, kRelaxed);
    const std::uint64_t hash = hash_of(key);
    std::size_t place = 0;
    while (place < kKeys && hashes_[place].load(kRelaxed) != hash) {
        ++place;
    }
    if (place == kKeys) {
        place = static_cast<std::size_t>(std::min_element(entries_.begin(), entries_.end(),
                                                          [](const Entry& a, const Entry& b) {
                                                              return a.count.load(kRelaxed) <
                                                                     b.count.load(kRelaxed);
                                                          }) -
                                         entries_.begin());
        replace(place, hash, key);
    }
    Entry& entry = entries_[place];
    entry.count.store(entry.count.load(kRelaxed) + 1, kRelaxed);
}

void HotKeys::replace(std::size_t place, std::uint64_t hash, std::string_view key) {
    Entry& entry = entries_[place];
    const std::uint32_t version = entry.version.load(kRelaxed);
    entry.version.store(version + 1, kRelaxed);
    std::atomic_thread_fence(std::memory_order_release);
    std::array<std::uint64_t, kTextWords> words{};
    std::memcpy(words.data(), key.data(), std::min(key.size(), kTextSize));
    for (std::size_t i = 0; i < kTextWords; ++i) {
        entry.text[i].store(words[i], kRelaxed);
    }
    entry.size.store(static_cast<std::uint32_t>(key.size()), kRelaxed);
    entry.error.store(entry.count.load(kRelaxed), kRelaxed);
    hashes_[place].store(hash, kRelaxed);
    entry.version.store(version + 2, std::memory_order_release);
}

void HotKeys::read(std::int64_t now, std::vector<Seen>& out, std::uint64_t& total) const {
    const std::uint64_t times = halvings(aged_at_.load(kRelaxed), now);
    total += total_.load(kRelaxed) >> times;
    for (std::size_t place = 0; place < kKeys; ++place) {
        const Entry& entry = entries_[place];
        const std::uint32_t version = entry.version.load(std::memory_order_acquire);
        std::array<std::uint64_t, kTextWords> words;
        for (std::size_t i = 0; i < kTextWords; ++i) {
            words[i] = entry.text[i].load(kRelaxed);
        }
        Seen seen;
        seen.hash = hashes_[place].load(kRelaxed);
        const std::uint64_t count = entry.count.load(kRelaxed) >> times;
        const std::uint64_t error = entry.error.load(kRelaxed) >> times;
        const std::size_t size = entry.size.load(kRelaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (version % 2 != 0 || entry.version.load(kRelaxed) != version || count <= error) {
            continue;
        }
        seen.count = count - error;
        seen.cut = size > kTextSize;
        seen.key.assign(reinterpret_cast<const char*>(words.data()), std::min(size, kTextSize));
        out.push_back(std::move(seen));
    }
}

std::vector<HotKeys::Seen> merge_hot_keys(std::vector<HotKeys::Seen>&& seen, std::size_t most) {
    std::sort(seen.begin(), seen.end(),
              [](const auto& a, const auto& b) { return a.hash < b.hash; });
    std::vector<HotKeys::Seen> merged;
    for (HotKeys::Seen& one : seen) {
        if (!merged.empty() && merged.back().hash == one.hash) {
            merged.back().count += one.count;
        } else {
            merged.push_back(std::move(one));
        }
    }
    std::sort(merged.begin(), merged.end(),
              [](const auto& a, const auto& b) { return a.count > b.count; });
    merged.resize(std::min(merged.size(), most));
    return merged;
}

}  // namespace mcache
