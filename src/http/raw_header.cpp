#include "http/raw_header.h"

#include <algorithm>

#include "base/text.h"

namespace mcache::http {

std::vector<std::string_view> values_in(std::string_view header, std::string_view name) {
    std::vector<std::string_view> values;
    while (!header.empty()) {
        std::string_view line = header.substr(0, header.find('\n'));
        header.remove_prefix(std::min(header.size(), line.size() + 1));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.size() > name.size() && line[name.size()] == ':' &&
            iequals(line.substr(0, name.size()), name)) {
            values.push_back(trim_ows(line.substr(name.size() + 1)));
        }
    }
    return values;
}

}  // namespace mcache::http
