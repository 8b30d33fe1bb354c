#include "http/noted_pages.h"

#include "base/keyed_hash.h"

namespace mcache::http {

void NotedPages::note(std::string_view key, std::int64_t now) {
    const std::uint64_t hash = keyed_hash(key);
    places_[place_of(hash)] = {hash, now + kSeconds};
    until_ = now + kSeconds;
}

void NotedPages::forget(std::string_view key) {
    if (until_ == 0) {
        return;
    }
    const std::uint64_t hash = keyed_hash(key);
    Place& place = places_[place_of(hash)];
    if (place.hash == hash) {
        place = Place{};
    }
}

bool NotedPages::contains(std::string_view key, std::int64_t now) const {
    if (now >= until_) {
        return false;
    }
    const std::uint64_t hash = keyed_hash(key);
    const Place& place = places_[place_of(hash)];
    return place.hash == hash && now < place.until;
}

}  // namespace mcache::http
