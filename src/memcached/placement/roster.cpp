#include "memcached/placement/roster.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace mcache::memcached {

namespace {

bool is_ipv4(const Address& address) {
    sa_family_t family = AF_UNSPEC;
    std::memcpy(&family, address.data() + offsetof(sockaddr, sa_family), sizeof(family));
    return family == AF_INET;
}

}  // namespace

std::vector<Address> choose_addresses(std::vector<Address> addresses) {
    if (std::any_of(addresses.begin(), addresses.end(), is_ipv4)) {
        std::erase_if(addresses, [](const Address& address) { return !is_ipv4(address); });
    }
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    return addresses;
}

Roster::Roster(const std::vector<bool>& is_name, std::size_t most) : most_(is_name.size() + most) {
    for (std::size_t line = 0; line < is_name.size(); ++line) {
        members_.push_back({line, {}, !is_name[line]});
    }
}

Roster::Change Roster::replace(std::size_t line, std::span<const Address> addresses) {
    Change change;
    for (Slot slot = 0; slot < members_.size(); ++slot) {
        Member& member = members_[slot];
        const bool listed =
            std::find(addresses.begin(), addresses.end(), member.address) != addresses.end();
        if (member.line != line || member.address.empty() || member.active == listed) {
            continue;
        }
        member.active = listed;
        (listed ? change.came : change.went).push_back(slot);
    }
    for (const Address& address : addresses) {
        const bool known = std::any_of(members_.begin(), members_.end(), [&](const Member& member) {
            return member.line == line && member.address == address;
        });
        if (known) {
            continue;
        }
        if (members_.size() == most_) {
            ++change.refused;
            continue;
        }
        change.came.push_back(members_.size());
        members_.push_back({line, address, true});
    }
    return change;
}

std::vector<Roster::Slot> Roster::actives() const {
    std::vector<Slot> slots;
    for (Slot slot = 0; slot < members_.size(); ++slot) {
        if (members_[slot].active) {
            slots.push_back(slot);
        }
    }
    std::sort(slots.begin(), slots.end(), [&](Slot one, Slot other) {
        const Member& a = members_[one];
        const Member& b = members_[other];
        return a.line != b.line ? a.line < b.line : a.address < b.address;
    });
    return slots;
}

}  // namespace mcache::memcached
