#include <set>
#include <string>

#include "metrics/json.h"
#include "metrics/page.h"
#include "metrics/prometheus.h"
#include "unit/catch.h"

using namespace mcache;
using namespace mcache::metrics;

namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

Facts some_facts() {
    Facts facts;
    facts.now = 1000;
    facts.since = 900;
    facts.host = "host";
    facts.nginx = "1.22.1";
    facts.workers = 2;
    facts.sums.cells[1] = 42;
    facts.reasons[static_cast<std::size_t>(http::Reason::Private)] = 3;
    PoolFacts& pool = facts.pools.emplace_back();
    pool.name = "pages";
    ServerFacts& server = pool.servers.emplace_back();
    server.name = "unix:/\"odd\\\n<b>";
    server.in_use = true;
    server.latency.buckets[1] = 2;
    server.latency.buckets.back() = 1;
    server.latency.microseconds = 1500000;
    facts.shows_keys = true;
    HotKeys::Seen& seen = facts.hot_keys.emplace_back();
    seen.key = "\"></script><script>\n\x01\xff";
    seen.count = 1;
    facts.noted_keys = 4;
    facts.history.emplace_back()[0] = 995;
    return facts;
}

}  // namespace

TEST_CASE("JSON") {
    const std::string json = to_json(some_facts());
    CHECK(json.starts_with(
        R"({"time":1000,"since":900,"host":"host","nginx":"1.22.1","workers":2,)"));
    CHECK(contains(json, R"("requests":{"aborted":0,"hit":42,"miss":0,)"));
    CHECK(contains(json, R"("private":3,)"));
    CHECK(contains(json, R"("name":"unix:/\"odd\\\u000a<b>","in_use":true,)"));
    CHECK(contains(json, R"("share":0.2500}])"));
    CHECK(contains(json, R"("points":[[995,0,)"));
    CHECK(json.ends_with("]]}}"));
    CHECK_FALSE(contains(json, "\n"));
    CHECK_FALSE(contains(json, ",,"));
    CHECK_FALSE(contains(json, "\"stats\""));  // it has not said anything
    Facts without = some_facts();
    without.shows_keys = false;
    CHECK_FALSE(contains(to_json(without), "hot_keys"));
}

TEST_CASE("Prometheus: counters end in _total, labels are escaped, buckets are sums") {
    const std::string text = to_prometheus(some_facts());
    const std::string labels = R"({pool="pages",server="unix:/\"odd\\\n<b>")";
    CHECK(contains(text, "\nmcache_requests_total{status=\"hit\"} 42\n"));
    CHECK(contains(text, "\nmcache_reasons_total{stage=\"store\",reason=\"private\"} 3\n"));
    CHECK(contains(text, "\nmcache_fills_in_flight 0\n"));
    CHECK(contains(text, "\nmcache_memcached_in_use" + labels + "} 1\n"));
    CHECK(contains(text,
                   "\nmcache_memcached_latency_seconds_bucket" + labels + ",le=\"0.0001\"} 2\n"));
    CHECK(
        contains(text, "\nmcache_memcached_latency_seconds_bucket" + labels + ",le=\"0.5\"} 2\n"));
    CHECK(
        contains(text, "\nmcache_memcached_latency_seconds_bucket" + labels + ",le=\"+Inf\"} 3\n"));
    CHECK(contains(text, "\nmcache_memcached_latency_seconds_sum" + labels + "} 1.5\n"));
    CHECK_FALSE(contains(text, "script"));
}

TEST_CASE("Prometheus: one HELP and TYPE a name, and no sample twice") {
    const std::string text = to_prometheus(some_facts());
    std::set<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        if (!line.starts_with('#')) {
            line.resize(line.rfind(' '));
        }
        CAPTURE(line);
        CHECK(lines.insert(line).second);
        at = end + 1;
    }
}

TEST_CASE("Each reason has its stage and its place") {
    using http::Reason;
    using http::Stage;
    CHECK(http::stage_of(Reason::Method) == Stage::Lookup);
    CHECK(http::stage_of(Reason::InternalRedirect) == Stage::Lookup);
    CHECK(http::stage_of(Reason::Miss) == Stage::Hit);
    CHECK(http::stage_of(Reason::Busy) == Stage::Hit);
    CHECK(http::stage_of(Reason::NoStore) == Stage::Store);
    CHECK(http::stage_of(http::kLastReason) == Stage::Store);
}

TEST_CASE("The page holds what it is made of, and nothing of a key becomes markup") {
    PageParts parts;
    parts.page = "<html{{formats}}><style>{{style}}</style>{{figures}}<script>{{json}}</script>";
    parts.style = "a{b}";
    parts.has_prometheus = true;
    const std::string page = to_page(some_facts(), parts);
    CHECK(page.starts_with("<html data-prometheus><style>a{b}</style><table>"));
    CHECK(contains(page, "&quot;&gt;&lt;/script&gt;&lt;script&gt;"));
    CHECK(contains(page, "\\u003c/script>\\u003cscript>"));
    CHECK(page.find("</script>") == page.size() - std::string_view("</script>").size());
    CHECK(page.find('\x01') == std::string::npos);
    parts.has_prometheus = false;
    CHECK(to_page(some_facts(), parts).starts_with("<html><style>"));
}
