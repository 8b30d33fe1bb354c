#include "module/set_status.h"

#include "module/refusal.h"
#include "ngx/guard.h"
#include "request/conf.h"
#include "status/status.h"

namespace mcache::module {

using request::LocationConf;
using request::MainConf;

char* set_status(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    auto& main =
        *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
    if (location.status != 0) {
        return refuse(cf, "it is a duplicate on this level");
    }
    location.status_keys = true;
    for (ngx_uint_t i = 1; i < words(cf); ++i) {
        const std::string_view argument = word(cf, i);
        if (argument == "keys=on" || argument == "keys=off") {
            location.status_keys = argument == "keys=on";
            continue;
        }
        ngx_uint_t format = 0;
        for (const request::NamedStatusFormat& named : request::kStatusFormats) {
            format = named.name == argument ? named.format : format;
        }
        if (format == 0 || location.status != 0) {
            return refuse(cf, quoted(argument) +
                                  " must be one of html, json, prometheus, and may be followed by "
                                  "keys=off; without arguments the location serves all formats");
        }
        location.status = format;
    }
    // The page asks for the figures while it is looked at.
    if (location.status == request::kStatusHtml) {
        location.status |= request::kStatusJson;
    } else if (location.status == 0) {
        location.status = request::kStatusAll;
    }
    main.has_status = true;
    main.shows_keys =
        main.shows_keys || (location.status_keys && location.status != request::kStatusPrometheus);
    auto& core = *static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    core.handler = ngx::Guard<status::status_handler, NGX_HTTP_INTERNAL_SERVER_ERROR>::call;
    return NGX_CONF_OK;
}

}  // namespace mcache::module
