#pragma once

// The status page: one HTML document that needs nothing else. The script in it draws the figures,
// which are in it too; where no script runs they are tables.

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
    bool has_prometheus = false;  // the same location has the metrics, too
};

std::string to_page(const Facts& facts, const PageParts& parts);

// Appends text so that it is text in an element and in a quoted attribute.
void append_html(std::string& out, std::string_view text);

}  // namespace mcache::metrics
