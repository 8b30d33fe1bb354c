#pragma once

// Pages of which one worker has found something out, for a while: that they are too large to be
// stored (a fill asks the backend for the whole of a page, so that each range of it would cost the
// backend all), or that ranges of them are not cut out.
//
// Bounded: a page takes the place of another one now and then, which is found out anew.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcache::http {

class NotedPages {
  public:
    static constexpr std::int64_t kSeconds = 600;  // then it is found out anew

    // `now`: Unix time.
    void note(std::string_view key, std::int64_t now);
    void forget(std::string_view key);
    bool contains(std::string_view key, std::int64_t now) const;

  private:
    struct Place {
        std::uint64_t hash = 0;
        std::int64_t until = 0;
    };
    static constexpr std::size_t kPlaces = 1024;

    static std::size_t place_of(std::uint64_t hash) { return hash % kPlaces; }

    std::array<Place, kPlaces> places_{};
    std::int64_t until_ = 0;  // of the last that was noted; 0: none was, and no key is hashed
};

}  // namespace mcache::http
