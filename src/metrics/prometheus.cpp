#include "metrics/prometheus.h"

#include <cstdio>

namespace mcache::metrics {

namespace {

using metrics::Metric;
using metrics::Type;

constexpr std::string_view kServer = "memcached_";

std::string label(std::string_view name, std::string_view value) {
    std::string out(name);
    out += "=\"";
    append_label_value(out, value);
    out += '"';
    return out;
}

std::string seconds(std::uint64_t microseconds) {
    char room[40];
    const int size =
        std::snprintf(room, sizeof(room), "%.9g", static_cast<double>(microseconds) / 1e6);
    return {room, static_cast<std::size_t>(size)};
}

class Writer {
  public:
    void begin(std::string_view name, std::string_view help, std::string_view type) {
        name_ = "mcache_";
        name_ += name;
        if (type == "counter") {
            name_ += "_total";
        }
        text_ += "# HELP " + name_ + ' ';
        text_ += help;
        text_ += "\n# TYPE " + name_ + ' ';
        text_ += type;
        text_ += '\n';
    }
    void begin(std::string_view prefix, const Metric& metric) {
        begin(std::string(prefix) + std::string(metric.name), metric.help,
              metric.type == Type::Counter ? "counter" : "gauge");
    }
    void sample(const std::string& labels, const std::string& value, std::string_view suffix = {}) {
        text_ += name_;
        text_ += suffix;
        if (!labels.empty()) {
            text_ += '{' + labels + '}';
        }
        text_ += ' ' + value + '\n';
    }
    // `labels` go before the metric's own.
    void samples(const Metric& metric, const std::uint64_t* cells, const std::string& labels) {
        for (std::size_t i = 0; i < metric.size(); ++i) {
            std::string all = labels;
            if (!metric.values.empty()) {
                all += (all.empty() ? "" : ",") + label(metric.label, metric.value(i));
            }
            sample(all, std::to_string(cells[i]));
        }
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    std::string name_;
};

std::string labels_of(const PoolFacts& pool, const ServerFacts& server) {
    return label("pool", pool.name) + ',' + label("server", server.name);
}

template <typename Visit>
void for_each_server(const Facts& facts, Visit visit) {
    for (const PoolFacts& pool : facts.pools) {
        for (const ServerFacts& server : pool.servers) {
            visit(server, labels_of(pool, server));
        }
    }
}

void write_reasons(Writer& out, const Facts& facts) {
    out.begin("reasons", kReasonsHelp, "counter");
    for (std::size_t i = 1; i < facts.reasons.size(); ++i) {
        const auto reason = static_cast<http::Reason>(i);
        out.sample(label("stage", stage_name(http::stage_of(reason))) + ',' +
                       label("reason", http::reason_text(reason)),
                   std::to_string(facts.reasons[i]));
    }
}

void write_latency(Writer& out, const Facts& facts) {
    out.begin(
        "memcached_latency_seconds",
        "Time from a command to its reply; samples one command per millisecond and connection.",
        "histogram");
    for_each_server(facts, [&](const ServerFacts& server, const std::string& labels) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < server.latency.buckets.size(); ++i) {
            sum += server.latency.buckets[i];
            const std::string bound = i < metrics::kLatencyBounds.size()
                                          ? seconds(metrics::kLatencyBounds[i])
                                          : std::string("+Inf");
            out.sample(labels + ',' + label("le", bound), std::to_string(sum), "_bucket");
        }
        out.sample(labels, seconds(server.latency.microseconds), "_sum");
        out.sample(labels, std::to_string(sum), "_count");
    });
}

void write_servers(Writer& out, const Facts& facts) {
    out.begin("memcached_in_use", "1 if the server is in use, 0 if it is down.", "gauge");
    for_each_server(facts, [&](const ServerFacts& server, const std::string& labels) {
        out.sample(labels, server.in_use ? "1" : "0");
    });
    out.begin("memcached_lacks", "1 if the server lacks the feature.", "gauge");
    for_each_server(facts, [&](const ServerFacts& server, const std::string& labels) {
        for (std::size_t i = 0; i < kLackNames.size(); ++i) {
            const bool lacks = (server.lacks & bit_of(static_cast<Lack>(i))) != 0;
            out.sample(labels + ',' + label("what", kLackNames[i]), lacks ? "1" : "0");
        }
    });
    std::size_t cell = 0;
    for (const Metric& metric : metrics::kServerMetrics) {
        out.begin(kServer, metric);
        for_each_server(facts, [&](const ServerFacts& server, const std::string& labels) {
            out.samples(metric, &server.sums.cells[cell], labels);
        });
        cell += metric.size();
    }
    write_latency(out, facts);
    cell = 0;
    for (const Metric& metric : metrics::kSaidMetrics) {
        out.begin(kServer, metric);
        for_each_server(facts, [&](const ServerFacts& server, const std::string& labels) {
            if (server.says) {
                out.sample(labels, std::to_string(server.says->cells[cell]));
            }
        });
        ++cell;
    }
}

}  // namespace

void append_label_value(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            out += '\\';
        }
        out += c;
    }
}

std::string to_prometheus(const Facts& facts) {
    Writer out;
    out.begin("info", "1; the labels say what runs.", "gauge");
    out.sample(label("nginx", facts.nginx), "1");
    out.begin("start_time_seconds", "Unix time at which counting began.", "gauge");
    out.sample({}, std::to_string(facts.since));
    std::size_t cell = 0;
    for (const Metric& metric : metrics::kWorkerMetrics) {
        out.begin({}, metric);
        out.samples(metric, &facts.sums.cells[cell], {});
        cell += metric.size();
    }
    write_reasons(out, facts);
    write_servers(out, facts);
    return out.take();
}

}  // namespace mcache::metrics
