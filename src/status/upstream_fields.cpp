#include "status/upstream_fields.h"

#include <span>
#include <utility>
#include <vector>

#include "format/origin_fields.h"
#include "ngx/guard.h"
#include "ngx/text.h"
#include "request/context.h"

namespace mcache::status {

namespace {

using request::Context;

ngx_http_get_variable_pt read_upstream_field;  // nginx's own

// nginx reads r->upstream, which a hit does not have. It is set only while the variable is read,
// since much other code would take the request for a proxied one.
ngx_int_t read_page_field(ngx_http_request_t* r, const Context& context,
                          ngx_http_variable_value_t* value, uintptr_t name) {
    std::vector<ngx_table_elt_t> fields;
    if (const auto sent = format::all_origin_fields(*context.found.page)) {
        fields.reserve(sent->size());
        for (const format::EntryHeader& header : *sent) {
            ngx_table_elt_t& field = fields.emplace_back();
            field.hash = 1;
            field.key = ngx::str(header.name);
            field.value = ngx::str(header.value);
        }
    }
    ngx_http_upstream_t upstream{};
    upstream.headers_in.headers.part.elts = fields.data();
    upstream.headers_in.headers.part.nelts = fields.size();
    ngx_http_upstream_t* const real = std::exchange(r->upstream, &upstream);
    const ngx_int_t rc = read_upstream_field(r, value, name);
    r->upstream = real;
    if (rc == NGX_OK && !value->not_found) {
        const ngx_str_t copied = ngx::copy(r->pool, ngx::view(*value));  // the page may be freed
        value->data = copied.data;
        return copied.data == nullptr ? NGX_ERROR : NGX_OK;
    }
    return rc;
}

ngx_int_t get_field(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t name) {
    const Context* context = Context::find(r);
    return context != nullptr && context->serves_entry() ? read_page_field(r, *context, value, name)
                                                         : read_upstream_field(r, value, name);
}

}  // namespace

void extend_upstream_variables(ngx_conf_t* cf) {
    const auto* core = static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ngx_array_t& variables = core->prefix_variables;
    for (ngx_http_variable_t& variable :
         std::span(static_cast<ngx_http_variable_t*>(variables.elts), variables.nelts)) {
        if (ngx::view(variable.name) == "upstream_http_") {
            read_upstream_field = variable.get_handler;
            variable.get_handler = ngx::Guard<get_field, NGX_ERROR>::call;
        }
    }
}

}  // namespace mcache::status
