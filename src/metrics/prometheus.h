#pragma once

// The figures in Prometheus's text format, version 0.0.4. Keys are not among them: a label has as
// many values as the configuration has pools and servers, and the code reasons.

#include <string>

#include "metrics/facts.h"

namespace mcache::metrics {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

std::string to_prometheus(const Facts& facts);

// Appends a label's value, without its quotes.
void append_label_value(std::string& out, std::string_view value);

}  // namespace mcache::metrics
