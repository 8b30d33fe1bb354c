#include "http/validators.h"

#include "base/text.h"
#include "http/http_date.h"

namespace mcache::http {
namespace {

std::string_view opaque(std::string_view tag) {
    tag.remove_prefix(tag.starts_with("W/") ? 2 : 0);
    return tag;
}

bool same_date(std::string_view a, std::string_view b, std::int64_t now) {
    const auto time = parse_http_date(a, now);
    return a == b || (time && time == parse_http_date(b, now));
}

}  // namespace

void Validators::add(const HeaderField& field) {
    if (etag.empty() && iequals(field.name, "ETag")) {
        etag = trim_ows(field.value);
    } else if (last_modified.empty() && iequals(field.name, "Last-Modified")) {
        last_modified = trim_ows(field.value);
    }
}

Validators validators_of(HeaderFields fields) {
    Validators validators;
    for (const HeaderField& field : fields) {
        validators.add(field);
    }
    return validators;
}

bool speaks_of_another(const Validators& page, const Validators& not_modified, std::int64_t now) {
    if (!not_modified.etag.empty() && !page.etag.empty()) {
        return opaque(not_modified.etag) != opaque(page.etag);
    }
    if (!not_modified.last_modified.empty()) {
        return !same_date(not_modified.last_modified, page.last_modified, now);
    }
    return !not_modified.etag.empty();
}

}  // namespace mcache::http
