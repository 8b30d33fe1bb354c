// `stats`: what a memcached says of itself. It goes over a connection of its own, so that nothing
// that a request waits for stands behind it, and a proxy that ends the connection on `stats` costs
// no request anything.

#include <utility>

#include "base/integer.h"
#include "memcached/client/client.h"
#include "memcached/client/connection.h"
#include "memcached/client/server.h"
#include "memcached/protocol/stats_reply.h"

namespace mcache::net {

void Client::ask_stats() {
    for (const ServerIndex server : members()) {
        servers_[server]->ask_stats();
    }
}

void Server::ask_stats() {
    if (place_.row == nullptr || !knows_stats_ || !in_use() || !stats_pace_.due()) {
        return;
    }
    Operation* operation =
        stats_.load() == 0 ? client_.acquire(Operation::Kind::Stats, "stats") : nullptr;
    if (operation != nullptr) {
        stats_pace_.asked();
        operation->result.server = this;
        stats_.submit(operation);
    }
}

void Server::said(std::string_view name, std::string_view value) {
    const auto number = parse_decimal<std::uint64_t>(value);
    for (std::size_t i = 0; number && i < metrics::kSaidMetrics.size(); ++i) {
        if (metrics::kSaidMetrics[i].label == name) {
            place_.row->says.values[i].set(*number);
        }
    }
}

void Server::said_all(bool knows_stats) {
    knows_stats_ = knows_stats;
    stats_pace_.answered();
    if (knows_stats) {
        place_.row->says.at.store(static_cast<std::uint64_t>(ngx_time()));
    }
}

Parse Connection::parse_stats() {
    memcached::StatLine line;
    const Parse parsed = memcached::parse_stat_line(received(), line);
    if (parsed != Parse::Ok) {
        return parsed;
    }
    if (line.last) {
        server_.said_all(line.known);
        in_flight_.front()->result.outcome = Outcome::Found;
        finish_front();
    } else {
        server_.said(line.name, line.value);
    }
    begin_ += line.line_size;
    return Parse::Ok;
}

}  // namespace mcache::net
