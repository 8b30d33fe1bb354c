#include "module/directives.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "module/pool_block.h"
#include "module/pool_server.h"
#include "module/refusal.h"
#include "module/set_status.h"
#include "module/setters.h"
#include "ngx/guard.h"
#include "ngx/pool.h"
#include "ngx/text.h"
#include "request/conf.h"

namespace mcache::module {

using request::Format;
using request::LocationConf;
using request::MainConf;

namespace {

constexpr std::string_view kDefaultKey = "$scheme://$host$request_uri";
constexpr size_t kDefaultMaxSize = 1024 * 1024;
constexpr time_t kDefaultKeepStale = 600;
constexpr time_t kDefaultHeuristicCap = 86400;
constexpr ngx_msec_t kDefaultLockTime = 5000;
constexpr ngx_uint_t kDefaultLockWaiters = 10000;
constexpr ngx_uint_t kDefaultMethods = NGX_HTTP_GET | NGX_HTTP_HEAD;
constexpr ngx_uint_t kAnywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

}  // namespace

#define LOCATION_SLOT(member) NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, member), nullptr

ngx_command_t directives[] = {
#include "module/commands.inc"
    // These only say what to write instead.
    {ngx::str("mcache_path"), kAnywhere | NGX_CONF_ANY, ngx::ConfGuard<refuse_path>::call, 0, 0,
     nullptr},
    {ngx::str("mcache_no_cache"), kAnywhere | NGX_CONF_ANY, ngx::ConfGuard<refuse_no_cache>::call,
     0, 0, nullptr},
    ngx_null_command,
};

#undef LOCATION_SLOT

void* create_main_conf(ngx_conf_t* cf) {
    return ngx::pool_new<MainConf>(cf->pool);
}

void* create_location_conf(ngx_conf_t* cf) {
    auto* conf = ngx::pool_array<LocationConf>(cf->pool, 1);
    if (conf == nullptr) {
        return nullptr;
    }
    conf->pool = static_cast<request::Pool*>(NGX_CONF_UNSET_PTR);
    conf->ignore = static_cast<std::vector<Pattern>*>(NGX_CONF_UNSET_PTR);
    conf->store = NGX_CONF_UNSET;
    conf->format = NGX_CONF_UNSET_UINT;
    conf->valid = static_cast<std::vector<http::ValidRule>*>(NGX_CONF_UNSET_PTR);
    conf->methods = NGX_CONF_UNSET_UINT;
    conf->bypass = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->no_store = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->max_size = NGX_CONF_UNSET_SIZE;
    conf->ignore_headers = NGX_CONF_UNSET_UINT;
    conf->convert_head = NGX_CONF_UNSET;
    conf->honor_request_cache_control = NGX_CONF_UNSET;
    conf->targeted = static_cast<std::vector<std::string_view>*>(NGX_CONF_UNSET_PTR);
    conf->heuristic_permille = NGX_CONF_UNSET_UINT;
    conf->heuristic_cap = kDefaultHeuristicCap;
    conf->keep_stale = NGX_CONF_UNSET;
    conf->revalidate = NGX_CONF_UNSET;
    conf->use_stale = NGX_CONF_UNSET_UINT;
    conf->background_update = NGX_CONF_UNSET;
    conf->lock = NGX_CONF_UNSET;
    conf->lock_timeout = NGX_CONF_UNSET_MSEC;
    conf->lock_age = NGX_CONF_UNSET_MSEC;
    conf->lock_waiters = NGX_CONF_UNSET_UINT;
    conf->early_permille = NGX_CONF_UNSET_UINT;
    conf->min_uses = NGX_CONF_UNSET_UINT;
    conf->max_range_offset = NGX_CONF_UNSET;
    conf->invalidate = NGX_CONF_UNSET;
    conf->cache_status = NGX_CONF_UNSET;
    conf->purge = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->purge_soft = NGX_CONF_UNSET;
    conf->purge_log = NGX_CONF_UNSET;
    conf->local_size = NGX_CONF_UNSET_SIZE;
    return conf;
}

namespace {

template <typename T>
void inherit(T*& value, T* parent) {
    if (value == NGX_CONF_UNSET_PTR) {
        value = parent == NGX_CONF_UNSET_PTR ? nullptr : parent;
    }
}

// As ngx_http_set_complex_value_slot leaves them: null is unset.
void inherit_complex_value(ngx_http_complex_value_t*& value, ngx_http_complex_value_t* parent) {
    if (value == nullptr) {
        value = parent;
    }
}

// "" takes back what was said above.
bool says_something(const ngx_http_complex_value_t* value) {
    return value != nullptr && value->value.len != 0;
}

// As proxy_pass and its kin: by `if` and limit_except, but by no location. What a location does not
// pass on itself, another one of its server may make (try_files). False when there is no memory.
bool inherit_backend(ngx_conf_t* cf, const MainConf& main, LocationConf& conf,
                     const LocationConf& above) {
    const auto& core = *static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (conf.backend == nullptr && core.noname) {
        conf.backend = above.backend;
    }
    conf.origin = conf.backend;
    const auto all =
        main.backends_of_servers.find(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
    if (conf.origin == nullptr && all != main.backends_of_servers.end()) {
        std::string_view names = all->second;
        names.remove_suffix(1);
        auto* origin = ngx::pool_new<request::Backend>(cf->pool);
        if (origin == nullptr) {
            return false;
        }
        origin->name = names;
        conf.origin = origin;
    }
    return true;
}

void note_origin(request::Pool& pool, const request::Backend& origin) {
    pool.has_several_origins = pool.has_several_origins || origin.varies != nullptr ||
                               (pool.origin != nullptr && pool.origin->name != origin.name);
    pool.origin = &origin;
}

void refuse_beside(ngx_conf_t* cf, const char* directive, const char* other, const char* why) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%s\" has no effect with \"%s\": %s", directive,
                       other, why);
}

// What is to be purged by tag or beginning of key must be looked up in the light of that, in every
// location that shares the pool. False when it is refused.
bool note_purges(ngx_conf_t* cf, const LocationConf& conf) {
    const bool tags = says_something(conf.tags);
    const bool purge_tags = says_something(conf.purge_tags);
    if (tags || purge_tags || conf.purge != nullptr) {
        conf.pool->has_purges = true;
    }
    if (tags && conf.stored_format() == Format::Raw) {
        refuse_beside(cf, "mcache_tags", "mcache_format raw",
                      "a raw body cannot hold tags; use \"mcache_format entry\", or "
                      "\"mcache_tags ''\" here");
        return false;
    }
    if (tags && conf.purge_log == 0) {
        refuse_beside(cf, "mcache_tags", "mcache_purge_log off",
                      "pages would be served after their tags were purged; leave it \"on\", or "
                      "\"mcache_tags ''\" here");
        return false;
    }
    if (purge_tags && conf.purge_log == 0) {
        refuse_beside(cf, "mcache_purge_tags", "mcache_purge_log off",
                      "purged pages would still be served; leave it \"on\", or "
                      "\"mcache_purge_tags ''\" here");
        return false;
    }
    return true;
}

// What lies on more than one server must say by which purge logs it was made. False when it is
// refused.
bool check_copies(ngx_conf_t* cf, const LocationConf& conf) {
    const net::PoolOptions& pool = conf.pool->options;
    if (!conf.pool->defined || !pool.keeps_copies()) {
        return true;
    }
    const char* const line = pool.replicas > 1 ? "replicas" : "on_failure next";
    if (conf.purge_log == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mcache_purge_log off\" is not possible with \"%s\" of mcache_pool "
                           "\"%s\": a server that was down would bring purged pages back; leave "
                           "it \"on\"",
                           line, pool.name.c_str());
        return false;
    }
    if (conf.stored_format() == Format::Raw) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"mcache_format raw\" is not possible with \"%s\" of mcache_pool "
                           "\"%s\": a raw body does not say how old it is, and a server that was "
                           "down would bring purged pages back; use \"mcache_format entry\"",
                           line, pool.name.c_str());
        return false;
    }
    return true;
}

bool compile_default_key(ngx_conf_t* cf, ngx_http_complex_value_t& key) {
    if (key.value.data != nullptr) {
        return true;
    }
    ngx_str_t text = ngx::str(kDefaultKey);
    ngx_http_compile_complex_value_t compile{};
    compile.cf = cf;
    compile.value = &text;
    compile.complex_value = &key;
    return ngx_http_compile_complex_value(&compile) == NGX_OK;
}

void say_undefined(ngx_conf_t* cf, const MainConf& main, const request::Pool& pool) {
    std::string others;
    for (const auto& other : main.pools) {
        if (other->defined) {
            others += (others.empty() ? ", but " : ", ") + quoted(other->name);
        }
    }
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"mcache\": there is no pool \"%s\"%s; %sdefine it with "
                  "\"mcache_pool %s { server 127.0.0.1:11211; }\" in the http block in %s",
                  pool.name.c_str(), others.c_str(), others.empty() ? "" : "use one of these, or ",
                  pool.name.c_str(), pool.where.c_str());
}

}  // namespace

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) {
    const auto& above = *static_cast<LocationConf*>(parent);
    auto& conf = *static_cast<LocationConf*>(child);

    if (conf.pool == NGX_CONF_UNSET_PTR) {
        conf.declared_off = above.declared_off;
    }
    inherit(conf.pool, above.pool);
    inherit_complex_value(conf.key, above.key);
    inherit_complex_value(conf.key_prefix, above.key_prefix);
    auto& main =
        *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
    if (!inherit_backend(cf, main, conf, above)) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    inherit(conf.ignore, above.ignore);
    ngx_conf_merge_value(conf.store, above.store, 1);
    ngx_conf_merge_uint_value(conf.format, above.format, static_cast<ngx_uint_t>(Format::Entry));
    inherit(conf.valid, above.valid);
    ngx_conf_merge_uint_value(conf.methods, above.methods, kDefaultMethods);
    inherit(conf.bypass, above.bypass);
    inherit(conf.no_store, above.no_store);
    ngx_conf_merge_size_value(conf.max_size, above.max_size, kDefaultMaxSize);
    ngx_conf_merge_uint_value(conf.ignore_headers, above.ignore_headers, 0);
    ngx_conf_merge_value(conf.convert_head, above.convert_head, 1);
    ngx_conf_merge_value(conf.honor_request_cache_control, above.honor_request_cache_control, 0);
    inherit(conf.targeted, above.targeted);
    if (conf.heuristic_permille == NGX_CONF_UNSET_UINT) {
        conf.heuristic_cap = above.heuristic_cap;
    }
    ngx_conf_merge_uint_value(conf.heuristic_permille, above.heuristic_permille, 0);
    ngx_conf_merge_value(conf.keep_stale, above.keep_stale, kDefaultKeepStale);
    ngx_conf_merge_value(conf.revalidate, above.revalidate, 0);
    ngx_conf_merge_uint_value(conf.use_stale, above.use_stale, request::kUseStaleOff);
    if ((conf.use_stale & request::kUseStaleOff) != 0) {
        conf.use_stale = request::kUseStaleOff;
    }
    ngx_conf_merge_value(conf.background_update, above.background_update, 0);
    ngx_conf_merge_value(conf.lock, above.lock, 0);
    ngx_conf_merge_msec_value(conf.lock_timeout, above.lock_timeout, kDefaultLockTime);
    ngx_conf_merge_msec_value(conf.lock_age, above.lock_age, kDefaultLockTime);
    ngx_conf_merge_uint_value(conf.lock_waiters, above.lock_waiters, kDefaultLockWaiters);
    ngx_conf_merge_uint_value(conf.early_permille, above.early_permille, 0);
    ngx_conf_merge_uint_value(conf.min_uses, above.min_uses, 1);
    ngx_conf_merge_value(conf.max_range_offset, above.max_range_offset, NGX_MAX_OFF_T_VALUE);
    ngx_conf_merge_value(conf.invalidate, above.invalidate, 0);
    ngx_conf_merge_value(conf.cache_status, above.cache_status, 0);
    inherit(conf.purge, above.purge);
    ngx_conf_merge_value(conf.purge_soft, above.purge_soft, 0);
    inherit_complex_value(conf.purge_tags, above.purge_tags);
    inherit_complex_value(conf.tags, above.tags);
    if (conf.purge_log == NGX_CONF_UNSET) {
        conf.purge_log = above.purge_log;
    }
    ngx_conf_merge_size_value(conf.local_size, above.local_size, 0);
    if (conf.status != 0) {  // it is about pages, and none
        conf.pool = nullptr;
        conf.declared_off = 1;
    }
    if (conf.pool != nullptr) {
        // The locations of a pool share one local tier.
        conf.pool->options.local_size = std::max(conf.pool->options.local_size, conf.local_size);
    }
    if (conf.pool != nullptr && (!note_purges(cf, conf) || !check_copies(cf, conf))) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }

    if (conf.key == nullptr) {
        if (!compile_default_key(cf, main.default_key)) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        conf.key = &main.default_key;
    }
    conf.has_default_key = conf.key == &main.default_key;
    if (conf.pool != nullptr && conf.has_default_key && conf.origin != nullptr) {
        note_origin(*conf.pool, *conf.origin);
    }
    return NGX_CONF_OK;
}

ngx_int_t check_pools(ngx_conf_t* cf) {
    const auto& main =
        *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
    for (const auto& pool : main.pools) {
        if (!pool->defined) {
            say_undefined(cf, main, *pool);
            return NGX_ERROR;
        }
        if (find_resolver(cf, *pool) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

}  // namespace mcache::module
