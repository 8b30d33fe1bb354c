#include "http/request_target.h"

#include <algorithm>

namespace mcache {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decode(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '%' && i + 2 < path.size()) {
            const int high = hex_digit(path[i + 1]);
            const int low = hex_digit(path[i + 2]);
            if (high >= 0 && low >= 0 && (high | low) != 0) {
                out += static_cast<char>(high << 4 | low);
                i += 2;
                continue;
            }
        }
        out += path[i];
    }
    return out;
}

}  // namespace

bool needs_normalisation(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    return path.find('%') != std::string_view::npos || path.find("//") != std::string_view::npos ||
           path.find("/.") != std::string_view::npos;
}

std::string normalise_target(std::string_view target) {
    const std::size_t path_size = std::min(target.find('?'), target.size());
    const std::string path = decode(target.substr(0, path_size));
    std::string out;
    out.reserve(target.size());
    std::string_view rest = path;
    while (!rest.empty()) {
        if (rest.front() != '/') {  // only where the target does not begin with a slash
            const std::size_t end = std::min(rest.find('/'), rest.size());
            out += rest.substr(0, end);
            rest.remove_prefix(end);
            continue;
        }
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, end);
        rest.remove_prefix(end);
        if (segment == "..") {
            out.resize(std::min(out.rfind('/'), out.size()));
        } else if (segment != "." && !segment.empty()) {
            out += '/';
            out += segment;
        }
        const bool directory = segment.empty() || segment == "." || segment == "..";
        if (directory && rest.empty()) {
            out += '/';
        }
    }
    out += target.substr(path_size);
    return out;
}

}  // namespace mcache
