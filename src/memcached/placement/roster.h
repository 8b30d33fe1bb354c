#pragma once

// Who the servers of a pool are where names are resolved again and again. Each server has a slot
// for good: what is noted of a server by its slot stays right when others come and go, and an
// address that comes back finds its own again. The first slots are those of the lines of the
// configuration; that of a name is never active itself, its addresses are.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace mcache::memcached {

using Address = std::string;  // the bytes of a sockaddr, padding zeroed

// Those of a name's addresses that are servers: IPv4 where there are any, since memcached usually
// listens there, else all. Each once, and in the same order for every nginx.
std::vector<Address> choose_addresses(std::vector<Address> addresses);

class Roster {
  public:
    using Slot = std::size_t;

    struct Change {
        std::vector<Slot> came;
        std::vector<Slot> went;
        std::size_t refused = 0;  // addresses for which there was no slot

        bool empty() const { return came.empty() && went.empty(); }
    };

    // `is_name`: of each line. There is room for `most` addresses of names.
    Roster(const std::vector<bool>& is_name, std::size_t most);

    // The name of this line has these addresses now, as choose_addresses() left them.
    Change replace(std::size_t line, std::span<const Address> addresses);

    std::size_t size() const { return members_.size(); }
    bool active(Slot slot) const { return members_[slot].active; }
    std::size_t line(Slot slot) const { return members_[slot].line; }
    const Address& address(Slot slot) const { return members_[slot].address; }

    // The active ones in the order of the ring: by line, the addresses of a name in theirs. It does
    // not depend on when they came.
    std::vector<Slot> actives() const;

  private:
    struct Member {
        std::size_t line = 0;
        Address address;  // empty: a line
        bool active = false;
    };

    std::vector<Member> members_;
    std::size_t most_;
};

}  // namespace mcache::memcached
