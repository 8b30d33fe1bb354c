#include "memcached/protocol/stats_reply.h"

namespace mcache::memcached {

namespace {

constexpr std::size_t kLongestLine = 2048;
constexpr std::string_view kStat = "STAT ";

bool is_error(std::string_view line) {
    return line == "ERROR" || line.starts_with("CLIENT_ERROR") || line.starts_with("SERVER_ERROR");
}

}  // namespace

Parse parse_stat_line(std::string_view text, StatLine& out) {
    const std::size_t end = text.substr(0, kLongestLine).find("\r\n");
    if (end == std::string_view::npos) {
        return text.size() < kLongestLine ? Parse::NeedMore : Parse::Invalid;
    }
    std::string_view line = text.substr(0, end);
    out = StatLine{};
    out.line_size = end + 2;
    if (!line.starts_with(kStat)) {
        out.last = true;
        out.known = line == "END";
        return out.known || is_error(line) ? Parse::Ok : Parse::Invalid;
    }
    line.remove_prefix(kStat.size());
    out.name = line.substr(0, line.find(' '));
    line.remove_prefix(out.name.size());
    out.value = line.substr(line.empty() ? 0 : 1);
    return Parse::Ok;
}

}  // namespace mcache::memcached
