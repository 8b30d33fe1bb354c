#include "module/passes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "module/refusal.h"
#include "ngx/guard.h"
#include "ngx/text.h"
#include "request/conf.h"

namespace mcache::module {

namespace {

using Setter = char* (*)(ngx_conf_t*, ngx_command_t*, void*);

struct NotedDirective {
    ngx_command_t* directive;
    Setter set;  // of the module that it belongs to
};

std::vector<NotedDirective> noted;

void note_for_server(ngx_conf_t* cf, std::string_view backend) {
    auto& main = *static_cast<request::MainConf*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
    std::string& all =
        main.backends_of_servers[ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module)];
    const std::string name = std::string(backend) + ',';
    if (("," + all).find("," + name) == std::string::npos) {
        all += name;
    }
}

char* note_pass(ngx_conf_t* cf, ngx_command_t* directive, void* conf) {
    const auto own = std::find_if(noted.begin(), noted.end(), [&](const NotedDirective& each) {
        return each.directive == directive;
    });
    auto& location = *static_cast<request::LocationConf*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_mcache_module));
    if (words(cf) > 1) {
        location.backend = request::compile_backend(cf, word(cf, 1));
        if (location.backend == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        note_for_server(cf, location.backend->name);
    }
    return own->set(cf, directive, conf);
}

void note_directives_of(const ngx_module_t& module) {
    for (ngx_command_t* each = module.commands; each != nullptr && each->name.len != 0; ++each) {
        if (ngx::view(each->name).ends_with("_pass") && (each->type & NGX_HTTP_LOC_CONF) != 0) {
            noted.push_back({each, each->set});
            each->set = ngx::ConfGuard<note_pass>::call;
        }
    }
}

// The configuration was refused half way, or its cycle goes.
void cycle_goes(void*) {
    end_noting_passes();
}

}  // namespace

ngx_int_t begin_noting_passes(ngx_conf_t* cf) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (cleanup == nullptr) {
        return NGX_ERROR;
    }
    cleanup->handler = ngx::Guard<cycle_goes>::call;
    end_noting_passes();
    for (ngx_uint_t i = 0; i < cf->cycle->modules_n; ++i) {
        if (cf->cycle->modules[i]->type == NGX_HTTP_MODULE) {
            note_directives_of(*cf->cycle->modules[i]);
        }
    }
    return NGX_OK;
}

void end_noting_passes() {
    for (const NotedDirective& each : noted) {
        each.directive->set = each.set;
    }
    noted.clear();
}

}  // namespace mcache::module
