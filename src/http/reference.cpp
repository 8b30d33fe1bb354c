#include "http/reference.h"

#include <algorithm>

#include "base/text.h"

namespace mcache {

namespace {

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find('?'));
}

// Section 5.2.4, for a target that begins with a slash.
std::string without_dot_segments(std::string_view target) {
    std::string_view path = path_of(target);
    const std::string_view query = target.substr(path.size());
    std::string out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        const bool up = segment == "/..";
        if (!up && segment != "/.") {
            out += segment;
            continue;
        }
        if (up) {
            out.resize(out.empty() ? 0 : out.rfind('/'));
        }
        if (path.empty()) {
            out += '/';
        }
    }
    out += query;
    return out;
}

}  // namespace

std::string same_origin_target(const Target& base, std::string_view reference) {
    reference = reference.substr(0, reference.find('#'));
    const std::size_t colon = reference.find_first_of(":/?");
    if (colon != std::string_view::npos && reference[colon] == ':') {
        if (!iequals(reference.substr(0, colon), base.scheme) ||
            !reference.substr(colon + 1).starts_with("//")) {
            return {};
        }
        reference.remove_prefix(colon + 1);
    }
    if (reference.starts_with("//")) {
        reference.remove_prefix(2);
        const std::string_view authority = reference.substr(0, reference.find_first_of("/?"));
        if (authority.empty() || !iequals(authority, base.host)) {
            return {};
        }
        reference.remove_prefix(authority.size());
        return without_dot_segments((reference.starts_with('/') ? "" : "/") +
                                    std::string(reference));
    }
    std::string_view path = path_of(base.target);
    if (reference.starts_with('/')) {
        path = {};
    } else if (!reference.empty() && !reference.starts_with('?')) {
        path = path.substr(0, path.rfind('/') + 1);
    }
    const std::string target = std::string(path) + std::string(reference);
    return target.starts_with('/') ? without_dot_segments(target) : std::string();
}

}  // namespace mcache
