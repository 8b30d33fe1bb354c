#include "metrics/json.h"

#include <algorithm>
#include <cstdio>

#include "base/json.h"

namespace mcache::metrics {

namespace {

class Writer {
  public:
    void key(std::string_view name) {
        comma();
        append_json_string(text_, name);
        text_ += ':';
    }
    void number(std::uint64_t value) {
        comma();
        text_ += std::to_string(value);
    }
    void number(std::int64_t value) {
        comma();
        text_ += std::to_string(value);
    }
    void string(std::string_view value) {
        comma();
        append_json_string(text_, value);
    }
    void boolean(bool value) {
        comma();
        text_ += value ? "true" : "false";
    }
    // 0 to 1.
    void share(double value) {
        char room[32];
        comma();
        text_.append(room,
                     static_cast<std::size_t>(std::snprintf(room, sizeof(room), "%.4f", value)));
    }
    void open(char bracket) {
        comma();
        text_ += bracket;
    }
    void close(char bracket) { text_ += bracket; }
    std::string take() { return std::move(text_); }

  private:
    void comma() {
        if (!text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':') {
            text_ += ',';
        }
    }

    std::string text_;
};

template <typename Kind>
void write_sums(Writer& out, const metrics::Sums<Kind>& sums) {
    std::size_t cell = 0;
    for (const metrics::Metric& metric : metrics::table(Kind{})) {
        out.key(metric.name);
        if (metric.values.empty()) {
            out.number(sums.cells[cell++]);
            continue;
        }
        out.open('{');
        for (std::size_t i = 0; i < metric.size(); ++i) {
            out.key(metric.value(i));
            out.number(sums.cells[cell++]);
        }
        out.close('}');
    }
}

void write_reasons(Writer& out, const Facts& facts) {
    using http::Stage;
    out.key("reasons");
    out.open('{');
    for (const Stage stage : {Stage::Lookup, Stage::Hit, Stage::Store}) {
        out.key(stage_name(stage));
        out.open('{');
        for (std::size_t i = 1; i < facts.reasons.size(); ++i) {
            const auto reason = static_cast<http::Reason>(i);
            if (http::stage_of(reason) == stage) {
                out.key(http::reason_text(reason));
                out.number(facts.reasons[i]);
            }
        }
        out.close('}');
    }
    out.close('}');
}

void write_latency(Writer& out, const metrics::Histogram::Sums& latency) {
    out.key("latency");
    out.open('{');
    out.key("count");
    out.number(latency.count());
    out.key("sum_us");
    out.number(latency.microseconds);
    out.key("bounds_us");
    out.open('[');
    for (const std::uint32_t bound : metrics::kLatencyBounds) {
        out.number(std::uint64_t{bound});
    }
    out.close(']');
    out.key("buckets");
    out.open('[');
    for (const std::uint64_t bucket : latency.buckets) {
        out.number(bucket);
    }
    out.close(']');
    out.close('}');
}

void write_pools(Writer& out, const Facts& facts) {
    out.key("pools");
    out.open('[');
    for (const PoolFacts& pool : facts.pools) {
        out.open('{');
        out.key("name");
        out.string(pool.name);
        out.key("servers");
        out.open('[');
        for (const ServerFacts& server : pool.servers) {
            out.open('{');
            out.key("name");
            out.string(server.name);
            out.key("in_use");
            out.boolean(server.in_use);
            out.key("lacks");
            out.open('[');
            for_each_lack(server.lacks, [&](std::string_view name) { out.string(name); });
            out.close(']');
            write_sums(out, server.sums);
            write_latency(out, server.latency);
            if (server.says) {
                out.key("stats");
                out.open('{');
                std::size_t cell = 0;
                for (const metrics::Metric& metric : metrics::kSaidMetrics) {
                    out.key(metric.name);
                    out.number(server.says->cells[cell++]);
                }
                out.close('}');
            }
            out.close('}');
        }
        out.close(']');
        out.close('}');
    }
    out.close(']');
}

void write_hot_keys(Writer& out, const Facts& facts) {
    out.key("hot_keys");
    out.open('[');
    for (const HotKeys::Seen& seen : facts.hot_keys) {
        out.open('{');
        out.key("key");
        out.string(seen.key);
        out.key("cut");
        out.boolean(seen.cut);
        out.key("share");
        // Other workers count on while this is read.
        out.share(facts.noted_keys == 0 ? 0.0
                                        : std::min(1.0, static_cast<double>(seen.count) /
                                                            static_cast<double>(facts.noted_keys)));
        out.close('}');
    }
    out.close(']');
}

void write_history(Writer& out, const Facts& facts) {
    out.key("history");
    out.open('{');
    out.key("interval");
    out.number(History::kInterval);
    out.key("columns");
    out.open('[');
    for (const std::string_view name : History::kNames) {
        out.string(name);
    }
    out.close(']');
    out.key("points");
    out.open('[');
    for (const History::Point& point : facts.history) {
        out.open('[');
        for (const std::uint64_t value : point) {
            out.number(value);
        }
        out.close(']');
    }
    out.close(']');
    out.close('}');
}

}  // namespace

std::string_view stage_name(http::Stage stage) {
    switch (stage) {
        case http::Stage::Lookup:
            return "lookup";
        case http::Stage::Hit:
            return "hit";
        case http::Stage::Store:
            return "store";
    }
    return "";
}

std::string to_json(const Facts& facts) {
    Writer out;
    out.open('{');
    out.key("time");
    out.number(facts.now);
    out.key("since");
    out.number(facts.since);
    out.key("host");
    out.string(facts.host);
    out.key("nginx");
    out.string(facts.nginx);
    out.key("workers");
    out.number(facts.workers);
    write_sums(out, facts.sums);
    write_reasons(out, facts);
    write_pools(out, facts);
    if (facts.shows_keys) {
        write_hot_keys(out, facts);
    }
    write_history(out, facts);
    out.close('}');
    return out.take();
}

}  // namespace mcache::metrics
