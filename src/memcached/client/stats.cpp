#include "base/integer.h"
#include "memcached/client/client.h"
#include "memcached/client/dialect.h"
#include "memcached/client/server.h"
#include "memcached/protocol/command.h"
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

bool StatsDialect::compose(Operation&) {
    memcached::compose_stats(out_);
    return true;
}

Step StatsDialect::read(Operation& operation, std::string_view bytes, memcached::Reply& reply) {
    memcached::StatLine line;
    const Parse parsed = memcached::parse_stat_line(bytes, line);
    if (parsed != Parse::Ok) {
        return parsed == Parse::NeedMore ? Step::NeedMore : Step::Invalid;
    }
    reply.line_size = line.line_size;
    if (!line.last) {
        server_.said(line.name, line.value);
        return Step::Stay;
    }
    server_.said_all(line.known);
    operation.result.outcome = Outcome::Found;
    return Step::Done;
}

}  // namespace mcache::net
