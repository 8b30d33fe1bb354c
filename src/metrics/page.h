#pragma once

// The status page: one self-contained HTML document. Its script draws the metrics, which it
// contains as well; without scripts they are tables.

#include <string>
#include <string_view>

#include "metrics/facts.h"

namespace mcache::metrics {

// Files of src/status. In the page, {{style}}, {{script}}, {{json}}, {{figures}} and {{formats}}
// are replaced.
struct PageParts {
    std::string_view page;
    std::string_view style;
    std::string_view script;
    bool has_prometheus = false;  // the same location also serves Prometheus metrics
};

std::string to_page(const Facts& facts, const PageParts& parts);

// Appends text, escaped for an element and for a quoted attribute.
void append_html(std::string& out, std::string_view text);

}  // namespace mcache::metrics
