#pragma once

// nginx's lists of header fields as the policy reads them.

#include <string_view>
#include <vector>

#include "base/text.h"
#include "http/header_field.h"
#include "ngx/api.h"
#include "ngx/text.h"

namespace mcache::request {

// Calls visit(ngx_table_elt_t&) for each element, also those that are deleted (hash 0).
template <typename F>
void for_each_field(const ngx_list_t& list, F visit) {
    for (const ngx_list_part_t* part = &list.part; part != nullptr; part = part->next) {
        auto* fields = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            visit(fields[i]);
        }
    }
}

// Without what was deleted, and the empty Date and Server that nginx adds to an upstream's.
inline std::vector<http::HeaderField> collect_fields(const ngx_list_t& list) {
    constexpr std::size_t kTypicalFields = 24;
    std::vector<http::HeaderField> out;
    out.reserve(kTypicalFields);
    for_each_field(list, [&](const ngx_table_elt_t& field) {
        if (field.hash != 0 && field.value.data != nullptr) {
            out.push_back({ngx::view(field.key), ngx::view(field.value)});
        }
    });
    return out;
}

// Appends a field to the response; null when there is no memory. The bytes stay the caller's.
inline ngx_table_elt_t* push_field(ngx_list_t& list, std::string_view name,
                                   std::string_view value) {
    ngx_list_part_t& last = *list.last;
    auto* field = last.nelts < list.nalloc ? static_cast<ngx_table_elt_t*>(last.elts) + last.nelts++
                                           : static_cast<ngx_table_elt_t*>(ngx_list_push(&list));
    if (field != nullptr) {
        *field = ngx_table_elt_t{};
        field->hash = 1;
        field->key = ngx::str(name);
        field->value = ngx::str(value);
    }
    return field;
}

}  // namespace mcache::request
