#pragma once

// What the configuration says, as the request's journey reads it. Filled by src/module; lives in
// the cycle's pool.

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "http/storable.h"
#include "ngx/api.h"
#include "ngx/text.h"
#include "pool/pool.h"
#include "request/backend.h"

namespace mcache::request {

enum class Format : ngx_uint_t { Entry, Raw };

struct MainConf {
    std::vector<std::unique_ptr<Pool>> pools;
    ngx_http_complex_value_t default_key{};  // $scheme://$host$request_uri
    // Indexes of variables, where they are used at all.
    ngx_int_t request_body = NGX_ERROR;
    ngx_int_t request_method = NGX_ERROR;
    // What the locations of a server pass requests to, as it is written, each with a comma behind.
    std::map<const void*, std::string> backends_of_servers;
    bool has_status = false;  // some location has mcache_status,
    bool shows_keys = false;  // and shows the hottest keys
    ngx_shm_zone_t* status_zone = nullptr;
    ngx_http_handler_pt proxy_handler = nullptr;  // see ngx/foreign_handlers.h
    ngx_http_handler_pt mirror_handler = nullptr;
};

// mcache_status: the formats that a location has.
enum StatusFormat : ngx_uint_t {
    kStatusHtml = 0x1,
    kStatusJson = 0x2,
    kStatusPrometheus = 0x4,
    kStatusAll = 0x7,
};

struct NamedStatusFormat {
    std::string_view name;
    StatusFormat format;
};
inline constexpr std::array kStatusFormats = {NamedStatusFormat{"html", kStatusHtml},
                                              NamedStatusFormat{"json", kStatusJson},
                                              NamedStatusFormat{"prometheus", kStatusPrometheus}};

struct LocationConf {
    Pool* pool;  // null: off
    ngx_flag_t declared_off;
    ngx_http_complex_value_t* key;
    bool has_default_key;    // then `key` is MainConf::default_key
    const Backend* backend;  // null: the location passes requests to nobody
    const Backend* origin;   // the backend, or where there is none all of the server's; may be null
    ngx_http_complex_value_t* key_prefix;
    std::vector<Pattern>* ignore;
    ngx_flag_t store;
    ngx_uint_t format;
    std::vector<http::ValidRule>* valid;
    ngx_uint_t methods;  // bits of NGX_HTTP_GET and so on
    ngx_array_t* bypass;
    ngx_array_t* no_store;
    size_t max_size;
    ngx_uint_t ignore_headers;  // bits of IgnoredHeader
    ngx_flag_t convert_head;
    ngx_flag_t honor_request_cache_control;
    std::vector<std::string_view>* targeted;  // names of targeted fields, most specific first
    ngx_uint_t heuristic_permille;
    time_t heuristic_cap;
    time_t keep_stale;
    ngx_flag_t revalidate;
    ngx_uint_t use_stale;  // bits of UseStale
    ngx_flag_t background_update;
    ngx_flag_t lock;
    ngx_msec_t lock_timeout;
    ngx_msec_t lock_age;
    ngx_uint_t lock_waiters;
    ngx_uint_t early_permille;
    ngx_uint_t min_uses;
    off_t max_range_offset;  // NGX_MAX_OFF_T_VALUE: any
    ngx_flag_t invalidate;
    ngx_flag_t cache_status;
    ngx_array_t* purge;
    ngx_flag_t purge_soft;
    ngx_http_complex_value_t* purge_tags;
    ngx_http_complex_value_t* tags;
    size_t local_size;  // 0: pages do not come from the local tier
    ngx_uint_t status;  // bits of StatusFormat; not inherited. 0: not a status page
    bool status_keys;
    ngx_flag_t purge_log;  // NGX_CONF_UNSET: where the pool has purges

    // Whether pages are looked up in the light of what was purged by tag or beginning of key.
    bool checks_purge_log() const {
        return purge_log == NGX_CONF_UNSET ? pool->has_purges || pool->options.keeps_copies()
                                           : purge_log != 0;
    }
    Format stored_format() const { return static_cast<Format>(format); }

    // Whether all directives of mcache say the same in another location.
    bool says_as(const LocationConf& other) const {
        LocationConf at_our_backend = other;
        at_our_backend.backend = backend;
        return *this == at_our_backend;
    }
    bool operator==(const LocationConf&) const = default;
};

enum IgnoredHeader : ngx_uint_t {
    kIgnoreAccelExpires = 0x02,
    kIgnoreExpires = 0x04,
    kIgnoreCacheControl = 0x08,
    kIgnoreSetCookie = 0x10,
    kIgnoreVary = 0x20,
};

// The largest response body that is stored in one item: what is wanted, and what memcached takes.
inline size_t largest_item(const LocationConf& conf) {
    return std::min(conf.max_size, conf.pool->options.max_item_size);
}

// The largest that is stored at all: an entry's body may lie in parts.
inline size_t largest_body(const LocationConf& conf) {
    return conf.stored_format() == Format::Entry ? conf.max_size : largest_item(conf);
}

// mcache_use_stale: what allows a stale page.
enum UseStale : ngx_uint_t {
    kUseStaleOff = 0x8000,
    kUseStaleError = 0x0001,
    kUseStaleTimeout = 0x0002,
    kUseStaleInvalidHeader = 0x0004,
    kUseStaleUpdating = 0x0008,
    kUseStale500 = 0x0010,
    kUseStale502 = 0x0020,
    kUseStale503 = 0x0040,
    kUseStale504 = 0x0080,
    kUseStale403 = 0x0100,
    kUseStale404 = 0x0200,
    kUseStale429 = 0x0400,
    kUseStaleOnErrors = 0x07F7,  // all but updating
};

inline const MainConf& main_conf(ngx_http_request_t* r) {
    return *static_cast<MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_mcache_module));
}

inline const LocationConf& location_conf(ngx_http_request_t* r) {
    return *static_cast<LocationConf*>(ngx_http_get_module_loc_conf(r, ngx_http_mcache_module));
}

}  // namespace mcache::request
