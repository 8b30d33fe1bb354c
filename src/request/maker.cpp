#include "request/maker.h"

#include <algorithm>

#include "ngx/text.h"
#include "request/context.h"

namespace mcache::request {

namespace {

struct Maker {
    std::string_view location;
    std::string_view backend;
};

std::string_view location_name(const ngx_http_request_t* r) {
    const auto* location = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    return ngx::view(location->name);
}

// Where the request is. Nothing when there is no memory.
std::optional<Maker> maker_at(ngx_http_request_t* r) {
    Maker maker{location_name(r), {}};
    if (!backend_of(r, location_conf(r).backend, maker.backend)) {
        return std::nullopt;
    }
    return maker;
}

// Whether the request came here from another location. `rewrite ... break` makes it internal too,
// and says that its location is not valid any more, but leaves it where it is. Each subrequest is
// internal; a refresh goes where its request had been led.
bool was_led(ngx_http_request_t* r) {
    ngx_http_request_t* const asked = r->background ? r->parent : r;
    const Context* const context = Context::find(asked);
    return (asked->internal && asked->valid_location) ||
           (context != nullptr && &location_conf(asked) != &context->conf());
}

}  // namespace

std::optional<format::EntrySection> maker_section(ngx_http_request_t* r) {
    if (!was_led(r)) {
        return std::nullopt;
    }
    format::EntrySection section{format::kMakerSection, {}};
    if (const auto maker = maker_at(r)) {
        const std::size_t size = maker->location.size() + 1 + maker->backend.size();
        if (char* text = static_cast<char*>(ngx_pnalloc(r->pool, size))) {
            char* end = std::copy(maker->location.begin(), maker->location.end(), text);
            *end = '\0';
            std::copy(maker->backend.begin(), maker->backend.end(), end + 1);
            section.content = {text, size};
        }
    }
    return section;  // where there is no memory, of no location
}

bool names_another_location(const format::EntryView& page, const ngx_http_request_t* r) {
    const auto section = page.section(format::kMakerSection);
    return section && section->substr(0, section->find('\0')) != location_name(r);
}

bool is_made_here(const Context& context) {
    const auto section = context.found.page->section(format::kMakerSection);
    if (!section) {
        return true;
    }
    const auto maker = maker_at(context.request());
    return maker && section->size() == maker->location.size() + 1 + maker->backend.size() &&
           section->starts_with(maker->location) && (*section)[maker->location.size()] == '\0' &&
           section->ends_with(maker->backend);
}

bool is_led_away(const Context& context) {
    return &location_conf(context.request()) != &context.conf();
}

}  // namespace mcache::request
