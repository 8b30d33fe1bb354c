#include "policy/vary.h"

#include <algorithm>

#include "base/text.h"

namespace mcache::policy {
namespace {

// What a header line may be split at; bytes that HTTP forbids in a value count as white space
// (RFC 9110, section 5.5).
bool is_blank(char c) {
    return is_ows(c) || c == '\r' || c == '\n' || c == '\0';
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Takes the part of `rest` before the next `separator` that stands outside quotes, and the
// separator.
std::string_view take_part(std::string_view& rest, char separator) {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            quoted = !quoted;
        } else if (quoted && rest[i] == '\\') {
            ++i;
        } else if (!quoted && rest[i] == separator) {
            break;
        }
    }
    const std::string_view part = rest.substr(0, i);
    rest.remove_prefix(std::min(i + 1, rest.size()));
    return part;
}

// `text` without white space at its ends, and with one blank for each run of it outside quotes.
void append_collapsed(std::string_view text, bool lower, std::string& out) {
    bool quoted = false;
    bool escaped = false;
    bool blank = false;
    for (const char c : trim_blanks(text)) {
        if (!quoted && is_blank(c)) {
            blank = true;
            continue;
        }
        if (blank) {
            out += ' ';
            blank = false;
        }
        if (quoted) {
            out += is_blank(c) && c != '\t' ? ' ' : c;
        } else {
            out += lower ? to_lower(c) : c;
        }
        if (c == '"' && !escaped) {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
    }
}

// A request field read line by line into its normal form at the end of `out`.
class PlainForm {
  public:
    explicit PlainForm(std::string& out) : out_(out) {}

    void add(std::string_view line) {
        line = trim_blanks(line);
        // The field need not be a list: empty members stay, also the one behind a last comma.
        for (bool more = !line.empty(); more;) {
            const std::size_t length = line.size();
            const std::string_view part = take_part(line, ',');
            more = part.size() < length;
            if (any_) {
                out_ += ',';
            }
            any_ = true;
            append_collapsed(part, false, out_);
        }
    }

  private:
    std::string& out_;
    bool any_ = false;
};

// qvalue of RFC 9110, section 12.4.2, without trailing zeros; empty when it is none.
std::string_view canonical_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return {};
    }
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (!is_digit(c) || (text[0] == '1' && c != '0')) {
            return {};
        }
    }
    if (text.size() > 1) {
        text = text.substr(0, text.find_last_not_of('0') + 1);
        if (text.empty() || text.back() == '.') {
            text = text[0] == '1' ? "1" : "0";
        }
    }
    return text;
}

struct Parameter {
    std::string_view name;
    std::string_view value;
    bool has_value = false;

    bool is_weight() const { return has_value && iequals(name, "q"); }
};

Parameter take_parameter(std::string_view& rest) {
    const std::string_view part = take_part(rest, ';');
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
        return {trim_blanks(part), {}, false};
    }
    return {trim_blanks(part.substr(0, equals)), trim_blanks(part.substr(equals + 1)), true};
}

// One member of an Accept-like field. The weight 1 goes without saying; a member that has several
// weights keeps them all, as recipients differ in which one they take.
void append_member(std::string_view member, bool lower_values, std::string& out) {
    std::string_view rest = member;
    append_collapsed(take_part(rest, ';'), true, out);

    int weights = 0;
    for (std::string_view scan = rest; !scan.empty();) {
        weights += take_parameter(scan).is_weight() ? 1 : 0;
    }
    while (!rest.empty()) {
        const Parameter parameter = take_parameter(rest);
        const std::string_view weight = parameter.is_weight() && weights == 1
                                            ? canonical_weight(parameter.value)
                                            : std::string_view();
        if (weight == "1" || (parameter.name.empty() && !parameter.has_value)) {
            continue;
        }
        out += ';';
        append_collapsed(parameter.name, true, out);
        if (parameter.has_value) {
            out += '=';
            append_collapsed(weight.empty() ? parameter.value : weight, lower_values, out);
        }
    }
}

// A list whose order and letter case mean nothing.
class ListForm {
  public:
    ListForm(bool lower_values, std::string& out)
        : out_(out), begin_(out.size()), lower_values_(lower_values) {}

    void add(std::string_view line) {
        line = trim_blanks(line);
        while (!line.empty()) {
            const std::string_view member = trim_blanks(take_part(line, ','));
            // Members too many to sort stand behind the others in the order of the request.
            const bool sorted = count_ < members_.size();
            const std::size_t before = out_.size();
            if (!sorted) {
                out_ += ',';
            }
            const std::size_t at = out_.size();
            append_member(member, lower_values_, out_);
            if (out_.size() == at) {
                out_.resize(before);
            } else if (sorted) {
                members_[count_++] = {at, out_.size() - at};
            }
        }
    }

    // Puts the members, which stand one behind the other, in order, with commas between them.
    void finish() {
        if (count_ == 0) {
            return;
        }
        const std::size_t end = members_[count_ - 1].at + members_[count_ - 1].length;
        const std::size_t tail = out_.size();
        const auto text = [&](const Member& m) {
            return std::string_view(out_).substr(m.at, m.length);
        };
        const auto last = members_.begin() + static_cast<std::ptrdiff_t>(count_);
        std::sort(members_.begin(), last,
                  [&](const Member& a, const Member& b) { return text(a) < text(b); });
        const auto unique =
            std::unique(members_.begin(), last,
                        [&](const Member& a, const Member& b) { return text(a) == text(b); });
        // Room first: what is appended below comes from this very string.
        out_.reserve(tail + (end - begin_) + count_ + (tail - end));
        for (auto member = members_.begin(); member != unique; ++member) {
            if (member != members_.begin()) {
                out_ += ',';
            }
            out_.append(out_, member->at, member->length);
        }
        out_.append(out_, end, tail - end);
        out_.erase(begin_, tail - begin_);
    }

  private:
    struct Member {
        std::size_t at;
        std::size_t length;
    };

    std::string& out_;
    std::size_t begin_;
    std::size_t count_ = 0;
    bool lower_values_;
    std::array<Member, 64> members_;
};

// Runs `each_line(add)` into the normal form that suits the field.
template <typename EachLine>
void append_normal_form(std::string_view name, std::string& out, EachLine each_line) {
    const bool media_types = iequals(name, "Accept");
    const bool is_list = media_types || iequals(name, "Accept-Encoding") ||
                         iequals(name, "Accept-Language") || iequals(name, "Accept-Charset");
    if (!is_list) {
        PlainForm form(out);
        each_line([&](std::string_view line) { form.add(line); });
        return;
    }
    // The values of a media type's parameters may be case-sensitive.
    ListForm form(!media_types, out);
    each_line([&](std::string_view line) { form.add(line); });
    form.finish();
}

void append_one(std::string_view name, HeaderFields request, std::string& out) {
    out += name;
    const auto is_wanted = [&](const HeaderField& field) { return iequals(field.name, name); };
    if (std::any_of(request.begin(), request.end(), is_wanted)) {
        out += ':';
        append_normal_form(name, out, [&](auto add) {
            for (const HeaderField& field : request) {
                if (is_wanted(field)) {
                    add(field.value);
                }
            }
        });
    }
    out += '\n';
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

void normalise_vary_value(std::string_view name, std::span<const std::string_view> lines,
                          std::string& out) {
    append_normal_form(name, out, [&](auto add) {
        for (const std::string_view line : lines) {
            add(line);
        }
    });
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

}  // namespace mcache::policy
