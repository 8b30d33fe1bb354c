#include "metrics/page.h"

#include <algorithm>

#include "metrics/json.h"

namespace mcache::metrics {

namespace {

// JSON inside a script element: nothing in it may end the element.
std::string json_in_html(const Facts& facts) {
    std::string out;
    for (const char c : to_json(facts)) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    return out;
}

class Table {
  public:
    Table(std::string& out, std::string_view caption) : out_(out) {
        out_ += "<table><caption>";
        append_html(out_, caption);
        out_ += "</caption>\n";
    }
    ~Table() { out_ += "</table>\n"; }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void row(std::string_view name, std::string_view value, std::string_view help = {}) {
        out_ += "<tr><th scope=\"row\">";
        append_html(out_, name);
        out_ += "<td>";
        append_html(out_, value);
        out_ += "<td>";
        append_html(out_, help);
        out_ += '\n';
    }

    template <typename Kind>
    void rows(const metrics::Sums<Kind>& sums) {
        std::size_t cell = 0;
        for (const metrics::Metric& metric : metrics::table(Kind{})) {
            for (std::size_t i = 0; i < metric.size(); ++i) {
                std::string name(metric.name);
                if (!metric.values.empty()) {
                    name += ": ";
                    name += metric.value(i);
                }
                row(name, std::to_string(sums.cells[cell++]), i == 0 ? metric.help : "");
            }
        }
    }

  private:
    std::string& out_;
};

void append_servers(std::string& out, const Facts& facts) {
    for (const PoolFacts& pool : facts.pools) {
        for (const ServerFacts& server : pool.servers) {
            Table table(out, std::string(server.name) + " of pool " + std::string(pool.name));
            table.row("in_use", server.in_use ? "yes" : "no");
            std::string lacks;
            for_each_lack(server.lacks, [&](std::string_view name) {
                lacks += (lacks.empty() ? "" : ", ") + std::string(name);
            });
            table.row("lacks", lacks.empty() ? "nothing" : lacks,
                      "Missing features: see What an old or foreign memcached loses.");
            table.rows(server.sums);
            const std::uint64_t count = server.latency.count();
            table.row("latency",
                      std::to_string(count == 0 ? 0 : server.latency.microseconds / count),
                      "Mean, in microseconds.");
            if (server.says) {
                table.rows(*server.says);
            }
        }
    }
}

std::string figures(const Facts& facts) {
    std::string out;
    {
        Table table(out, "Requests");
        table.rows(facts.sums);
    }
    {
        Table table(out, "Why not from the cache");
        for (std::size_t i = 1; i < facts.reasons.size(); ++i) {
            if (facts.reasons[i] != 0) {
                table.row(http::reason_text(static_cast<http::Reason>(i)),
                          std::to_string(facts.reasons[i]));
            }
        }
    }
    append_servers(out, facts);
    if (!facts.hot_keys.empty()) {
        Table table(out, "Hottest keys, in percent of requests");
        for (const HotKeys::Seen& seen : facts.hot_keys) {
            table.row(seen.key + (seen.cut ? "…" : ""),
                      std::to_string(
                          facts.noted_keys == 0
                              ? 0
                              : std::min<std::uint64_t>(seen.count * 100 / facts.noted_keys, 100)));
        }
    }
    return out;
}

}  // namespace

void append_html(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                // HTML forbids control characters.
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
}

std::string to_page(const Facts& facts, const PageParts& parts) {
    std::string out;
    std::string_view rest = parts.page;
    for (;;) {
        const std::size_t open = rest.find("{{");
        out += rest.substr(0, open);
        if (open == std::string_view::npos) {
            return out;
        }
        rest.remove_prefix(open + 2);
        const std::string_view name = rest.substr(0, rest.find("}}"));
        rest.remove_prefix(name.size() + 2);
        if (name == "style") {
            out += parts.style;
        } else if (name == "script") {
            out += parts.script;
        } else if (name == "formats") {
            out += parts.has_prometheus ? " data-prometheus" : "";
        } else if (name == "json") {
            out += json_in_html(facts);
        } else if (name == "figures") {
            out += figures(facts);
        }
    }
}

}  // namespace mcache::metrics
