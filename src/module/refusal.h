#pragma once

#include <string>
#include <string_view>

#include "ngx/api.h"
#include "ngx/text.h"

namespace mcache::module {

// Ends the reading of the configuration with a line that names the directive at hand, says what is
// wrong and what would be right.
inline char* refuse(ngx_conf_t* cf, std::string_view what) {
    auto* words = static_cast<ngx_str_t*>(cf->args->elts);
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\": %*s", &words[0], what.size(), what.data());
    return static_cast<char*>(NGX_CONF_ERROR);
}

inline std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

// The line of the configuration that is being read, as nginx says it.
inline std::string place(const ngx_conf_t* cf) {
    return std::string(ngx::view(cf->conf_file->file.name)) + ":" +
           std::to_string(cf->conf_file->line);
}

inline std::string_view word(const ngx_conf_t* cf, ngx_uint_t index) {
    return ngx::view(static_cast<ngx_str_t*>(cf->args->elts)[index]);
}

inline ngx_uint_t words(const ngx_conf_t* cf) {
    return cf->args->nelts;
}

}  // namespace mcache::module
