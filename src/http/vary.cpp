#include "http/vary.h"

#include <algorithm>

#include "base/text.h"

namespace mcache::http {
namespace {

// The lists in which nginx's own cache folds white space, too.
bool is_list(std::string_view name) {
    return iequals(name, "Accept-Encoding") || iequals(name, "Accept-Language") ||
           iequals(name, "Accept-Charset");
}

// Without white space around commas; what is in quotes stays as it is.
void append_list(std::string_view line, std::string& out) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (!quoted && is_ows(c)) {
            const std::size_t end = std::min(line.find_first_not_of(" \t", i), line.size());
            const bool at_comma = line[end] == ',' || line[i - 1] == ',';
            if (!at_comma) {
                out.append(line, i, end - i);
            }
            i = end - 1;
            continue;
        }
        quoted ^= c == '"';
        out += c;
    }
}

void append_line(std::string_view name, std::string_view line, std::string& out) {
    out.append(name) += ':';
    const std::size_t begin = out.size();
    line = trim_ows(line);
    if (is_list(name)) {
        append_list(line, out);
    } else {
        out += line;
    }
    // HTTP forbids these bytes (RFC 9110, section 5.5), and nginx refuses them.
    const auto breaks_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), breaks_line, ' ');
    out += '\n';
}

void append_one(std::string_view name, HeaderFields request, std::string& out) {
    const std::size_t before = out.size();
    for (const HeaderField& field : request) {
        if (iequals(field.name, name)) {
            append_line(name, field.value, out);
        }
    }
    if (out.size() == before) {
        out.append(name) += '\n';
    }
}

}  // namespace

void VaryNames::add(std::string_view line) {
    while (!line.empty()) {
        if (is_ows(line.front()) || line.front() == ',') {
            line.remove_prefix(1);
            continue;
        }
        const std::size_t length = std::min(line.find_first_of(" \t,"), line.size());
        const std::string_view name = line.substr(0, length);
        line.remove_prefix(length);
        if (name == "*") {
            state_ = VaryState::Star;
        } else if (state_ == VaryState::Ok) {
            insert(name);
        }
    }
}

void VaryNames::insert(std::string_view name) {
    if (!std::all_of(name.begin(), name.end(), is_token_char)) {
        state_ = VaryState::Invalid;
        return;
    }
    if (name.size() > text_.size() - used_) {
        state_ = VaryState::TooLong;
        return;
    }
    std::transform(name.begin(), name.end(), text_.begin() + used_, to_lower);
    const std::string_view lower(text_.data() + used_, name.size());

    const auto end = slices_.begin() + count_;
    const auto place = std::lower_bound(
        slices_.begin(), end, lower, [&](const Slice& slice, std::string_view wanted) {
            return std::string_view(text_.data() + slice.begin, slice.length) < wanted;
        });
    if (place != end && std::string_view(text_.data() + place->begin, place->length) == lower) {
        return;
    }
    if (count_ == kMaxNames) {
        state_ = VaryState::TooLong;
        return;
    }
    std::move_backward(place, end, end + 1);
    *place = {used_, static_cast<std::uint16_t>(name.size())};
    ++count_;
    used_ = static_cast<std::uint16_t>(used_ + name.size());
}

VaryNames parse_vary(HeaderFields response) {
    VaryNames names;
    for (const HeaderField& field : response) {
        if (iequals(field.name, "Vary")) {
            names.add(field.value);
        }
    }
    return names;
}

void append_variant(std::span<const std::string_view> names, HeaderFields request,
                    std::string& out) {
    for (const std::string_view name : names) {
        append_one(name, request, out);
    }
}

void append_variant(const VaryNames& names, HeaderFields request, std::string& out) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        append_one(names[i], request, out);
    }
}

}  // namespace mcache::http
