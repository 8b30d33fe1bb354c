#pragma once

// Responses that were not stored, of late and by page: whether another request is worth waiting
// for. Bounded: of pages that meet in a slot the newest is remembered.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mcache::http {

// One client's odd request may come to a response that is not stored; so many in a row mean that
// the page's responses are not. Then nobody waits for one.
inline constexpr unsigned kMostRefusals = 3;

class Refusals {
  public:
    static constexpr std::int64_t kRemembered = 10000;  // milliseconds

    // Times are in milliseconds. How many there were in a row, with this one, which may count for
    // several.
    unsigned note(std::string_view key, std::int64_t now, unsigned weight = 1);
    unsigned count(std::string_view key, std::int64_t now) const;
    // A response was stored.
    void forget(std::string_view key);

    // A response was not stored because the request had an Authorization field.
    void note_authorization(std::string_view key, std::int64_t now);
    bool refuses_authorization(std::string_view key, std::int64_t now) const;

  private:
    static constexpr std::size_t kSlots = 1024;

    struct Slot {
        std::uint64_t hash = 0;
        std::int64_t noted = 0;
        std::int64_t authorization_noted = 0;
        unsigned count = 0;
        bool authorization = false;
    };

    Slot& slot_for(std::string_view key);
    const Slot* find(std::string_view key) const;

    std::vector<Slot> slots_;  // none until something is noted
};

}  // namespace mcache::http
