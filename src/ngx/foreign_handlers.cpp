#include "ngx/foreign_handlers.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "ngx/pool.h"
#include "ngx/text.h"

namespace mcache::ngx {

namespace {

ngx_module_t* find_module(const ngx_conf_t* cf, std::string_view name) {
    const std::span modules(cf->cycle->modules, cf->cycle->modules_n);
    const auto found = std::find_if(modules.begin(), modules.end(),
                                    [&](const ngx_module_t* each) { return each->name == name; });
    return found == modules.end() ? nullptr : *found;
}

std::vector<void*> copy_confs(void** confs) {
    return {confs, confs + ngx_http_max_module};
}

}  // namespace

// The directive proxy_pass, carried out on a location that does not exist.
ngx_http_handler_pt find_proxy_handler(ngx_conf_t* cf) {
    const ngx_module_t* proxy = find_module(cf, "ngx_http_proxy_module");
    if (proxy == nullptr) {
        return nullptr;
    }
    ngx_command_t* command = proxy->commands;
    while (command->name.len != 0 && view(command->name) != "proxy_pass") {
        ++command;
    }
    auto* core = pool_array<ngx_http_core_loc_conf_t>(cf->pool, 1);
    void* conf = static_cast<ngx_http_module_t*>(proxy->ctx)->create_loc_conf(cf);
    if (command->name.len == 0 || core == nullptr || conf == nullptr) {
        return nullptr;
    }
    ngx_http_conf_ctx_t location = *static_cast<ngx_http_conf_ctx_t*>(cf->ctx);
    std::vector<void*> confs = copy_confs(location.loc_conf);
    confs[ngx_http_core_module.ctx_index] = core;
    location.loc_conf = confs.data();
    ngx_str_t words[] = {str("proxy_pass"), str("$scheme://$host")};
    ngx_array_t args{words, std::size(words), sizeof(ngx_str_t), std::size(words), cf->pool};
    ngx_conf_t probe = *cf;
    probe.ctx = &location;
    probe.args = &args;
    return command->set(&probe, command, conf) == NGX_CONF_OK ? core->handler : nullptr;
}

// The module's postconfiguration, which enters one handler.
ngx_http_handler_pt find_mirror_handler(ngx_conf_t* cf) {
    const ngx_module_t* mirror = find_module(cf, "ngx_http_mirror_module");
    auto* core = pool_array<ngx_http_core_main_conf_t>(cf->pool, 1);
    if (mirror == nullptr || core == nullptr) {
        return nullptr;
    }
    ngx_array_t& handlers = core->phases[NGX_HTTP_PRECONTENT_PHASE].handlers;
    if (ngx_array_init(&handlers, cf->pool, 1, sizeof(ngx_http_handler_pt)) != NGX_OK) {
        return nullptr;
    }
    ngx_http_conf_ctx_t main = *static_cast<ngx_http_conf_ctx_t*>(cf->ctx);
    std::vector<void*> confs = copy_confs(main.main_conf);
    confs[ngx_http_core_module.ctx_index] = core;
    main.main_conf = confs.data();
    ngx_conf_t probe = *cf;
    probe.ctx = &main;
    const auto* hooks = static_cast<ngx_http_module_t*>(mirror->ctx);
    return hooks->postconfiguration(&probe) == NGX_OK && handlers.nelts == 1
               ? *static_cast<ngx_http_handler_pt*>(handlers.elts)
               : nullptr;
}

}  // namespace mcache::ngx
