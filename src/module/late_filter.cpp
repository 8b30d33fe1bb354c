#include "module/late_filter.h"

#include <functional>

#include "base/text.h"
#include "http/cache_control.h"
#include "ngx/fields.h"
#include "ngx/guard.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::request {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

bool lies_in(std::string_view whole, const ngx_str_t& part) {
    const auto* data = reinterpret_cast<const char*>(part.data);
    const std::less_equal<const char*> before;
    return before(whole.data(), data) && before(data, whole.data() + whole.size());
}

template <typename F>
void for_each_cache_control(const ngx_http_request_t* r, F visit) {
#if nginx_version >= 1023000
    for (const ngx_table_elt_t* line = r->headers_out.cache_control; line != nullptr;
         line = line->next) {
        visit(*line);
    }
#else
    auto** lines = static_cast<ngx_table_elt_t**>(r->headers_out.cache_control.elts);
    for (ngx_uint_t i = 0; i < r->headers_out.cache_control.nelts; ++i) {
        visit(*lines[i]);
    }
#endif
}

bool has_lifetime(const ngx_table_elt_t& cache_control) {
    http::CacheControl said;
    http::merge_cache_control(ngx::view(cache_control.value), said);
    return said.max_age.has_value() || said.s_maxage.has_value();
}

// Whether it is the configuration that says how long the response is fresh, and not the page.
bool is_fresh_by_configuration(const ngx_http_request_t* r, std::string_view page) {
    const ngx_table_elt_t* expires = r->headers_out.expires;
    const bool expires_is_foreign =
        expires != nullptr && expires->hash != 0 && !lies_in(page, expires->value);
    bool foreign_line = false;
    for_each_cache_control(r, [&](const ngx_table_elt_t& line) {
        foreign_line = foreign_line || (line.hash != 0 && !lies_in(page, line.value));
    });
    if (!expires_is_foreign && !foreign_line) {
        return false;
    }
    bool page_says = false;
    bool configuration_says = false;
    for_each_cache_control(r, [&](const ngx_table_elt_t& line) {
        if (line.hash != 0 && has_lifetime(line)) {
            (lies_in(page, line.value) ? page_says : configuration_says) = true;
        }
    });
    return !page_says && (configuration_says || expires_is_foreign);
}

// Such a time counts from now on: the page's age would be taken off it.
void make_as_new(ngx_http_request_t* r) {
    for_each_field(r->headers_out.headers, [](ngx_table_elt_t& field) {
        const std::string_view name = ngx::view(field.key);
        if (iequals(name, "Age") || iequals(name, "Date")) {
            field.hash = 0;
        }
    });
    r->headers_out.date = nullptr;  // nginx says the present one
}

ngx_int_t header_filter(ngx_http_request_t* r) {
    const Context* context = Context::find(r);
    if (context != nullptr && context->serves_entry() &&
        is_fresh_by_configuration(r, context->found.page.value()->view())) {
        make_as_new(r);
    }
    return next_header_filter(r);
}

}  // namespace

ngx_int_t install_late_filter(ngx_conf_t*) {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx::Guard<header_filter, NGX_ERROR>::call;
    return NGX_OK;
}

}  // namespace mcache::request
