#include "http/cache_control.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"
#include "http/structured_fields.h"

namespace mcache::http {
namespace {

using Flag = bool CacheControl::*;
using Delta = std::optional<std::int64_t> CacheControl::*;

// How a directive is merged with itself and read when it is malformed.
enum class Kind : std::uint8_t {
    Restricts,  // a flag that counts even with trailing garbage
    Permits,    // a flag that counts only when it is well formed
    Fields,     // a restricting flag whose argument may name fields; `qualified` tells
    Least,      // delta-seconds; the least restricts most
    Window,     // as Least, but what it says permits stale use
    Greatest,   // delta-seconds; the greatest restricts most
    MaxStale,   // as Least, but without a value it is any
};

struct Directive {
    std::string_view name;
    Kind kind;
    Flag flag = nullptr;
    Flag qualified = nullptr;
    Delta delta = nullptr;
};

constexpr Directive flag(std::string_view name, Kind kind, Flag member) {
    return {name, kind, member};
}

constexpr Directive delta(std::string_view name, Kind kind, Delta member) {
    return {name, kind, nullptr, nullptr, member};
}

constexpr std::array kDirectives = {
    flag("no-store", Kind::Restricts, &CacheControl::no_store),
    Directive{"no-cache", Kind::Fields, &CacheControl::no_cache, &CacheControl::no_cache_fields},
    Directive{"private", Kind::Fields, &CacheControl::is_private, &CacheControl::private_fields},
    flag("public", Kind::Permits, &CacheControl::is_public),
    flag("must-revalidate", Kind::Restricts, &CacheControl::must_revalidate),
    flag("proxy-revalidate", Kind::Restricts, &CacheControl::proxy_revalidate),
    flag("must-understand", Kind::Permits, &CacheControl::must_understand),
    flag("immutable", Kind::Permits, &CacheControl::immutable),
    flag("no-transform", Kind::Restricts, &CacheControl::no_transform),
    flag("only-if-cached", Kind::Restricts, &CacheControl::only_if_cached),
    delta("max-age", Kind::Least, &CacheControl::max_age),
    delta("s-maxage", Kind::Least, &CacheControl::s_maxage),
    delta("stale-while-revalidate", Kind::Window, &CacheControl::stale_while_revalidate),
    delta("stale-if-error", Kind::Window, &CacheControl::stale_if_error),
    Directive{"max-stale", Kind::MaxStale, &CacheControl::max_stale_any, nullptr,
              &CacheControl::max_stale},
    delta("min-fresh", Kind::Greatest, &CacheControl::min_fresh),
};

const Directive* find_directive(std::string_view name) {
    const auto* found = std::find_if(kDirectives.begin(), kDirectives.end(),
                                     [&](const Directive& d) { return iequals(d.name, name); });
    return found == kDirectives.end() ? nullptr : found;
}

// One member of the list after its name.
struct Argument {
    bool given = false;
    bool malformed = false;               // anything after the name that the grammar does not allow
    std::string_view text;                // without the quotes of a quoted string
    std::optional<std::int64_t> seconds;  // where the value is a delta-seconds
};

void apply(const Directive& directive, const Argument& argument, CacheControl& merged) {
    switch (directive.kind) {
        case Kind::Restricts:
            merged.*directive.flag = true;
            return;

        case Kind::Permits:
            if (!argument.malformed && !argument.given) {
                merged.*directive.flag = true;
            }
            return;

        case Kind::Fields: {
            const bool named = argument.given && !argument.malformed && !argument.text.empty();
            const bool before = merged.*directive.flag && !(merged.*directive.qualified);
            merged.*directive.flag = true;
            merged.*directive.qualified = named && !before;
            return;
        }

        case Kind::MaxStale:
            if (!argument.given && !argument.malformed) {
                merged.*directive.flag = !(merged.*directive.delta).has_value();
                return;
            }
            merged.*directive.flag = false;
            [[fallthrough]];

        case Kind::Least:
        case Kind::Window:
        case Kind::Greatest:
            break;
    }

    const bool least = directive.kind != Kind::Greatest;
    const std::int64_t strictest = least ? 0 : kMaxDeltaSeconds;
    const std::int64_t value =
        argument.malformed ? strictest : argument.seconds.value_or(strictest);
    std::optional<std::int64_t>& member = merged.*directive.delta;
    if (!member) {
        member = value;
    } else {
        member = least ? std::min(*member, value) : std::max(*member, value);
    }
}

bool only_restricts(Kind kind) {
    return kind != Kind::Permits && kind != Kind::Window && kind != Kind::MaxStale;
}

void forget(const Directive& directive, CacheControl& merged) {
    if (directive.flag != nullptr) {
        merged.*directive.flag = false;
    }
    if (directive.qualified != nullptr) {
        merged.*directive.qualified = false;
    }
    if (directive.delta != nullptr) {
        merged.*directive.delta = std::nullopt;
    }
}

std::string_view take_token(std::string_view& rest) {
    std::size_t length = 0;
    while (length < rest.size() && is_token_char(rest[length])) {
        ++length;
    }
    const std::string_view token = rest.substr(0, length);
    rest.remove_prefix(length);
    return token;
}

// `rest` begins with a quote. Empty when it is never closed; then nothing is taken.
std::optional<std::string_view> take_quoted(std::string_view& rest) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == '"') {
            const std::string_view quoted = rest.substr(1, i - 1);
            rest.remove_prefix(i + 1);
            return quoted;
        }
    }
    return std::nullopt;
}

// What stands between a member's name and the next comma; takes the comma, too.
Argument take_argument(std::string_view& rest) {
    Argument argument;
    if (!rest.empty() && rest.front() == '=') {
        rest.remove_prefix(1);
        argument.given = true;
        if (!rest.empty() && rest.front() == '"') {
            argument.text = take_quoted(rest).value_or(std::string_view());
        } else {
            argument.text = take_token(rest);
        }
        argument.seconds = parse_delta_seconds(argument.text);
    }
    const std::size_t comma = std::min(rest.find(','), rest.size());
    argument.malformed |= !trim_ows(rest.substr(0, comma)).empty();
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    return argument;
}

bool is_letter(char c) {
    return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

// Applies the directives that restrict in text that the grammar does not allow, whatever separates
// them: `public; private`, `max-age=60no-store`, `'private'`.
void apply_restrictions(std::string_view text, CacheControl& merged) {
    while (!text.empty()) {
        if (!is_letter(text.front())) {
            text.remove_prefix(1);
            continue;
        }
        const auto end = std::find_if_not(text.begin(), text.end(),
                                          [](char c) { return is_letter(c) || c == '-'; });
        const auto length = static_cast<std::size_t>(end - text.begin());
        const Directive* directive = find_directive(text.substr(0, length));
        text.remove_prefix(length);
        if (directive == nullptr || !only_restricts(directive->kind)) {
            continue;
        }
        Argument argument;
        if (directive->delta != nullptr && text.starts_with('=')) {
            const auto digits = std::find_if_not(text.begin() + 1, text.end(), is_digit);
            argument.given = true;
            argument.seconds = parse_delta_seconds({text.begin() + 1, digits});
        }
        apply(*directive, argument, merged);
    }
}

// The value of a structured field's member as the argument that Cache-Control would have held
// (RFC 9213, section 2.1).
Argument to_argument(const StructuredValue& value) {
    using Type = StructuredValue::Type;
    Argument argument;
    argument.given = value.type != Type::Boolean;
    if (value.type == Type::String || value.type == Type::Token) {
        argument.text = value.text;
    } else if (value.type == Type::Integer && value.integer >= 0) {
        argument.seconds = std::min(value.integer, kMaxDeltaSeconds);
    }
    return argument;
}

}  // namespace

std::optional<std::int64_t> parse_delta_seconds(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    for (const char c : text) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        value = std::min(value * 10 + (c - '0'), kMaxDeltaSeconds);
    }
    return value;
}

void merge_cache_control(std::string_view line, CacheControl& merged) {
    merged.present = true;
    std::string_view rest = line;
    while (!rest.empty()) {
        if (is_ows(rest.front()) || rest.front() == ',') {
            rest.remove_prefix(1);
            continue;
        }
        const std::string_view name = take_token(rest);
        const std::string_view behind = rest;
        const Argument argument = take_argument(rest);
        const Directive* directive = find_directive(name);
        if (directive != nullptr) {
            apply(*directive, argument, merged);
        } else {
            apply_restrictions(name, merged);
        }
        // An extension may say in its quoted string what it likes.
        if (argument.malformed || directive != nullptr) {
            apply_restrictions(behind.substr(0, behind.size() - rest.size()), merged);
        }
    }
}

CacheControl parse_cache_control(HeaderFields fields, std::string_view field_name) {
    CacheControl merged;
    for (const HeaderField& field : fields) {
        if (iequals(field.name, field_name)) {
            merge_cache_control(field.value, merged);
        }
    }
    return merged;
}

CacheControl parse_request_cache_control(HeaderFields request) {
    CacheControl merged = parse_cache_control(request);
    if (!merged.present) {
        merged.no_cache = parse_cache_control(request, "Pragma").no_cache;
    }
    return merged;
}

std::optional<CacheControl> parse_targeted_cache_control(HeaderFields fields,
                                                         std::string_view field_name) {
    CacheControl merged;
    for (const HeaderField& field : fields) {
        if (!iequals(field.name, field_name)) {
            continue;
        }
        // An empty line among several is a dictionary with a comma too many.
        const std::string_view line = trim_ows(field.value);
        if (line.empty()) {
            return std::nullopt;
        }
        merged.present = true;
        DictionaryReader reader(line);
        while (reader.next() == DictionaryReader::Step::Member) {
            apply_restrictions(reader.parameters(), merged);
            const Directive* directive = find_directive(reader.key());
            if (directive == nullptr) {
                continue;
            }
            forget(*directive, merged);
            const StructuredValue& value = reader.value();
            if (value.type != StructuredValue::Type::Boolean || value.boolean) {
                apply(*directive, to_argument(value), merged);
            }
        }
        if (reader.next() == DictionaryReader::Step::Invalid) {
            return std::nullopt;
        }
    }
    return merged.present ? std::optional(merged) : std::nullopt;
}

}  // namespace mcache::http
