#pragma once

// One response judged, for the tables of storable.cpp and freshness.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/http_date.h"
#include "http/storable.h"

namespace mcache::http {

// 2024-01-01T00:00:00Z, when every response of these tests arrives.
constexpr std::int64_t kArrival = 1704067200;

using Fields = std::vector<HeaderField>;

inline std::string date_at(std::int64_t offset) {
    char out[kHttpDateLength];
    format_http_date(kArrival + offset, out);
    return std::string(out, sizeof(out));
}

inline Verdict judge(const Fields& fields, const StoreRules& rules = {}, unsigned status = 200,
                     const RequestFacts& request = {}) {
    const ResponseFacts response{status, fields, kArrival, kArrival};
    return judge_response(request, response, rules);
}

}  // namespace mcache::http
