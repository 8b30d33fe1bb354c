// What nginx knows of mcache: the hooks in the order in which a request meets them.

#include <algorithm>
#include <span>

#include "module/directives.h"
#include "module/filters.h"
#include "module/late_filter.h"
#include "module/passes.h"
#include "module/phase_handler.h"
#include "module/variables.h"
#include "ngx/foreign_handlers.h"
#include "ngx/guard.h"
#include "ngx/shared_memory.h"
#include "ngx/status_zone.h"
#include "pool/worker_wakeup.h"
#include "request/conf.h"
#include "request/counters.h"
#include "status/upstream_fields.h"
#include "status/watch.h"

namespace mcache::module {

namespace {

ngx_int_t preconfiguration(ngx_conf_t* cf) {
    return begin_noting_passes(cf) == NGX_OK ? status::add_variables(cf) : NGX_ERROR;
}

// NGX_ERROR: no text of the configuration has it.
ngx_int_t index_of_variable(const ngx_http_core_main_conf_t& core, std::string_view name) {
    const auto variables = std::span(static_cast<const ngx_http_variable_t*>(core.variables.elts),
                                     core.variables.nelts);
    const auto found = std::find_if(variables.begin(), variables.end(), [&](const auto& variable) {
        return ngx::view(variable.name) == name;
    });
    return found == variables.end() ? NGX_ERROR : found - variables.begin();
}

ngx_int_t postconfiguration(ngx_conf_t* cf) {
    end_noting_passes();
    if (check_pools(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    auto* conf = static_cast<request::MainConf*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
    if (!conf->pools.empty() || conf->has_status) {
        conf->status_zone = ngx::add_status_zone(cf);
        if (conf->status_zone == nullptr) {
            return NGX_ERROR;
        }
    }
    auto* core = static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    conf->request_body = index_of_variable(*core, "request_body");
    conf->request_method = index_of_variable(*core, "request_method");
    auto* handler = static_cast<ngx_http_handler_pt*>(
        ngx_array_push(&core->phases[NGX_HTTP_PRECONTENT_PHASE].handlers));
    if (handler == nullptr) {
        return NGX_ERROR;
    }
    *handler = ngx::Guard<request::lookup_handler, NGX_DECLINED>::call;
    request::install_filters();
    status::extend_upstream_variables(cf);
    conf->proxy_handler = ngx::find_proxy_handler(cf);
    conf->mirror_handler = ngx::find_mirror_handler(cf);
    return NGX_OK;
}

request::WorkerWakeup* worker_wakeup = nullptr;
const request::MainConf* worker_conf = nullptr;

request::MainConf* main_conf(const ngx_cycle_t* cycle) {
    return static_cast<request::MainConf*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_mcache_module));
}

// Of the configuration that is being replaced; null where there is none, or the module was another.
const request::MainConf* replaced_conf(const ngx_cycle_t* cycle) {
    const ngx_cycle_t* old = cycle->old_cycle;
    if (old == nullptr || old->conf_ctx == nullptr || old->modules == nullptr) {
        return nullptr;
    }
    const auto modules = std::span(old->modules, old->modules_n);
    return std::find(modules.begin(), modules.end(), &ngx_http_mcache_module) == modules.end()
               ? nullptr
               : main_conf(old);
}

// The new workers begin with the servers that the old ones know.
void share_addresses(ngx_cycle_t* cycle, request::Pool& pool) {
    pool.options.known =
        net::KnownAddresses(ngx::share<net::KnownAddress>(cycle, net::KnownAddresses::kMost));
    const request::MainConf* replaced = replaced_conf(cycle);
    if (replaced == nullptr) {
        return;
    }
    for (const auto& old : replaced->pools) {
        if (old->name == pool.name) {
            net::take_over(pool.options, old->options);
        }
    }
}

void on_wakeup(const request::WorkerWakeup::Buckets& pending) {
    for (const auto& pool : worker_conf->pools) {
        pool->waiting_rooms().look_again_at(pending);
    }
}

ngx_int_t init_module(ngx_cycle_t* cycle) {
    const request::MainConf* conf = main_conf(cycle);
    worker_wakeup = nullptr;
    if (conf != nullptr && !conf->pools.empty()) {
        worker_wakeup = request::WorkerWakeup::create(cycle);
        for (const auto& pool : conf->pools) {
            net::PoolOptions& options = pool->options;
            options.health = ngx::share<net::HealthRecord>(cycle, options.health_records());
            if (options.resolves()) {
                share_addresses(cycle, *pool);
            }
        }
    }
    return NGX_OK;
}

// nginx's other processes, the cache manager and the cache loader, have the number of the first
// worker.
bool serves_requests() {
    return ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
}

ngx_int_t init_process(ngx_cycle_t* cycle) {
    request::MainConf* conf = main_conf(cycle);
    if (!serves_requests() || conf == nullptr) {
        return NGX_OK;
    }
    ngx::open_status_zone(conf->status_zone);
    request::watch_keys(conf->shows_keys);
    if (worker_wakeup != nullptr) {
        worker_conf = conf;
        for (const auto& pool : conf->pools) {
            pool->waiting_rooms().use(*worker_wakeup);
        }
        worker_wakeup->listen(cycle, on_wakeup);
    }
    for (const auto& pool : conf->pools) {
        pool->start();
    }
    status::begin_watch(*conf);
    return NGX_OK;
}

// Before nginx looks for sockets that were left open.
void exit_process(ngx_cycle_t* cycle) {
    const request::MainConf* conf = serves_requests() ? main_conf(cycle) : nullptr;
    if (conf != nullptr) {
        for (const auto& pool : conf->pools) {
            pool->close();
        }
        ngx::close_status_zone();
    }
}

ngx_http_module_t hooks = {
    ngx::Guard<preconfiguration, NGX_ERROR>::call,
    ngx::Guard<postconfiguration, NGX_ERROR>::call,
    ngx::Guard<create_main_conf, nullptr>::call,
    nullptr,
    nullptr,
    nullptr,
    ngx::Guard<create_location_conf, nullptr>::call,
    ngx::ConfGuard<merge_location_conf>::call,
};

}  // namespace

}  // namespace mcache::module

namespace {

ngx_http_module_t late_hooks = {
    nullptr,  // preconfiguration
    mcache::ngx::Guard<mcache::request::install_late_filter, NGX_ERROR>::call,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

}  // namespace

// A module can have one place in the chain of filters; the second one is this module's.
ngx_module_t ngx_http_mcache_late_filter_module = {
    NGX_MODULE_V1, &late_hooks, nullptr, NGX_HTTP_MODULE, nullptr, nullptr,
    nullptr,       nullptr,     nullptr, nullptr,         nullptr, NGX_MODULE_V1_PADDING,
};

ngx_module_t ngx_http_mcache_module = {
    // C linkage: declared in ngx/api.h
    NGX_MODULE_V1,
    &mcache::module::hooks,
    mcache::module::directives,
    NGX_HTTP_MODULE,
    nullptr,  // init master
    mcache::ngx::Guard<mcache::module::init_module, NGX_OK>::call,
    mcache::ngx::Guard<mcache::module::init_process, NGX_OK>::call,
    nullptr,  // init thread
    nullptr,  // exit thread
    mcache::ngx::Guard<mcache::module::exit_process>::call,
    nullptr,  // exit master
    NGX_MODULE_V1_PADDING,
};
