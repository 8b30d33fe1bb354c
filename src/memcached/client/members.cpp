// Servers that come and go: the addresses of names that are resolved at run time.

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "memcached/client/client.h"
#include "memcached/placement/most_servers.h"

namespace mcache::net {

void take_over(const PoolOptions& options, const PoolOptions& old) {
    for (std::size_t i = 0; old.known.shared() && i < KnownAddresses::kMost; ++i) {
        const KnownAddress& known = old.known.at(i);
        if (!known.readable.load() || !known.active.load()) {
            continue;
        }
        const std::string& name = old.servers[known.line].name;
        for (std::size_t line = 0; line < options.servers.size(); ++line) {
            const ServerOptions& server = options.servers[line];
            const std::size_t record =
                server.resolve && server.name == name
                    ? options.known.claim(static_cast<std::uint32_t>(line), known.address())
                    : KnownAddresses::kMost;
            if (record != KnownAddresses::kMost) {
                options.known.at(record).since.store(known.since.load());
                options.known.at(record).active.store(true);
            }
        }
    }
}

memcached::Roster::Change Client::replace(std::size_t line,
                                          const std::vector<memcached::Address>& addresses,
                                          std::uint64_t since) {
    memcached::Roster before = roster_;
    const std::size_t known = servers_.size();
    const std::size_t known_addresses = addresses_.size();
    memcached::Roster::Change change;
    try {
        change = roster_.replace(line, addresses);
        for (ServerIndex server = known; server < roster_.size(); ++server) {
            add_address(server);
        }
        if (!change.empty()) {
            place();
        }
    } catch (...) {  // all stays as it was, until the name is resolved again
        roster_ = std::move(before);
        servers_.erase(servers_.begin() + static_cast<std::ptrdiff_t>(known), servers_.end());
        addresses_.resize(known_addresses);
        records_.resize(std::min(records_.size(), known));
        throw;
    }
    for (const ServerIndex server : change.came) {
        join(server, since);
    }
    for (const ServerIndex server : change.went) {
        servers_[server]->leave();
        if (const std::size_t record = records_[server]; record != KnownAddresses::kMost) {
            options_.known.at(record).active.store(false);
        }
    }
    return change;
}

std::vector<ServerIndex> Client::members() const {
    std::vector<ServerIndex> servers = roster_.actives();
    if (servers.empty()) {
        // The slot of a name: it is never asked, and its own name is what is said of it.
        const auto name = std::find_if(options_.servers.begin(), options_.servers.end(),
                                       [](const ServerOptions& line) { return line.resolve; });
        servers.push_back(static_cast<ServerIndex>(name - options_.servers.begin()));
    }
    return servers;
}

std::vector<ServerIndex> Client::holders(std::string_view key) const {
    if (options_.resolves()) {
        return members();
    }
    const memcached::Placement::Candidates all = candidates(key);
    return {all.begin(), all.end()};
}

bool Client::has_addresses(std::size_t line) const {
    const std::vector<ServerIndex> servers = roster_.actives();
    return std::any_of(servers.begin(), servers.end(),
                       [&](ServerIndex server) { return roster_.line(server) == line; });
}

// What the node's workers knew when this one started.
void Client::begin_with_known() {
    for (std::size_t line = 0; line < options_.servers.size(); ++line) {
        std::vector<memcached::Address> addresses;
        for (std::size_t i = 0; options_.known.shared() && i < KnownAddresses::kMost; ++i) {
            const KnownAddress& known = options_.known.at(i);
            if (known.readable.load() && known.active.load() && known.line == line) {
                addresses.emplace_back(known.address());
            }
        }
        (void)roster_.replace(line, addresses);
    }
    for (ServerIndex server = servers_.size(); server < roster_.size(); ++server) {
        add_address(server);
        servers_[server]->join(options_.known.at(records_[server]).since.load());
    }
    place();
}

void Client::add_address(ServerIndex server) {
    const std::size_t line = roster_.line(server);
    const memcached::Address& address = roster_.address(server);
    addresses_.push_back(at_address(options_.servers[line], address));
    const std::size_t record = options_.known.claim(static_cast<std::uint32_t>(line), address);
    HealthRecord& health = record == KnownAddresses::kMost || options_.health == nullptr
                               ? own_health_.emplace_back()
                               : options_.health[options_.servers.size() + record];
    records_.resize(server, KnownAddresses::kMost);
    records_.push_back(record);
    servers_.push_back(std::make_unique<Server>(addresses_.back(), options_, health, *this));
}

void Client::join(ServerIndex server, std::uint64_t since) {
    servers_[server]->join(since);
    if (const std::size_t record = records_[server]; record != KnownAddresses::kMost) {
        options_.known.at(record).since.store(since);
        options_.known.at(record).active.store(true);
    }
}

void Client::place() {
    std::vector<memcached::Placement::Member> all;
    for (const ServerIndex server : members()) {
        if (all.size() < memcached::kMostServers) {
            all.push_back({server, ring_server(servers_[server]->options())});
        }
    }
    std::string error;
    auto placement =
        memcached::Placement::create(std::move(all), options_.distribution, options_.hash, error);
    if (placement == nullptr) {
        throw std::runtime_error("the servers of pool " + options_.name + ": " + error);
    }
    own_placement_ = std::move(placement);
    placement_ = own_placement_.get();
}

}  // namespace mcache::net
