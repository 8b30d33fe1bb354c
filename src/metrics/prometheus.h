#pragma once

// The metrics in Prometheus's text format, version 0.0.4. They contain no keys: labels have only as
// many values as there are pools, servers and reasons.

#include <string>

#include "metrics/facts.h"

namespace mcache::metrics {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

std::string to_prometheus(const Facts& facts);

// Appends the value of a label, without quotes.
void append_label_value(std::string& out, std::string_view value);

}  // namespace mcache::metrics
