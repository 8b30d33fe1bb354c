#include "http/too_large.h"

#include "base/keyed_hash.h"

namespace mcache::http {

void TooLargePages::note(std::string_view key, std::int64_t now) {
    const std::uint64_t hash = keyed_hash(key);
    places_[place_of(hash)] = {hash, now + kSeconds};
    until_ = now + kSeconds;
}

void TooLargePages::forget(std::string_view key) {
    if (until_ == 0) {
        return;
    }
    const std::uint64_t hash = keyed_hash(key);
    Place& place = places_[place_of(hash)];
    if (place.hash == hash) {
        place = Place{};
    }
}

bool TooLargePages::contains(std::string_view key, std::int64_t now) const {
    if (now >= until_) {
        return false;
    }
    const std::uint64_t hash = keyed_hash(key);
    const Place& place = places_[place_of(hash)];
    return place.hash == hash && now < place.until;
}

}  // namespace mcache::http
