#include "module/setters.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/integer.h"
#include "base/text.h"
#include "module/pool_block.h"
#include "module/refusal.h"
#include "ngx/pool.h"
#include "ngx/text.h"
#include "request/conf.h"

namespace mcache::module {

using request::Format;
using request::LocationConf;
using request::MainConf;

namespace {

constexpr ssize_t kMinLocalSize = ssize_t{1024} * 1024;

constexpr ngx_uint_t kAlwaysLookedUp = NGX_HTTP_GET | NGX_HTTP_HEAD;

struct Bit {
    std::string_view name;
    ngx_uint_t bit;
};

constexpr std::array kMethods = {Bit{"GET", NGX_HTTP_GET}, Bit{"HEAD", NGX_HTTP_HEAD},
                                 Bit{"POST", NGX_HTTP_POST}};

constexpr std::array kUseStaleConditions = {Bit{"error", request::kUseStaleError},
                                            Bit{"timeout", request::kUseStaleTimeout},
                                            Bit{"invalid_header", request::kUseStaleInvalidHeader},
                                            Bit{"updating", request::kUseStaleUpdating},
                                            Bit{"http_500", request::kUseStale500},
                                            Bit{"http_502", request::kUseStale502},
                                            Bit{"http_503", request::kUseStale503},
                                            Bit{"http_504", request::kUseStale504},
                                            Bit{"http_403", request::kUseStale403},
                                            Bit{"http_404", request::kUseStale404},
                                            Bit{"http_429", request::kUseStale429},
                                            Bit{"off", request::kUseStaleOff}};

constexpr std::array kIgnoredHeaders = {
    Bit{"X-Accel-Expires", request::kIgnoreAccelExpires}, Bit{"Expires", request::kIgnoreExpires},
    Bit{"Cache-Control", request::kIgnoreCacheControl},
    Bit{"Set-Cookie", request::kIgnoreSetCookie}, Bit{"Vary", request::kIgnoreVary}};

char* duplicate(ngx_conf_t* cf) {
    return refuse(cf, "it is a duplicate on this level");
}

MainConf& main_conf(ngx_conf_t* cf) {
    return *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_mcache_module));
}

template <std::size_t N>
char* set_bits(ngx_conf_t* cf, const std::array<Bit, N>& known, ngx_uint_t& bits,
               std::string_view explanation) {
    if (bits != NGX_CONF_UNSET_UINT) {
        return duplicate(cf);
    }
    bits = 0;
    for (ngx_uint_t i = 1; i < words(cf); ++i) {
        ngx_uint_t bit = 0;
        for (const Bit& candidate : known) {
            if (iequals(candidate.name, word(cf, i))) {
                bit = candidate.bit;
            }
        }
        if (bit == 0) {
            std::string names;
            for (const Bit& candidate : known) {
                names += (names.empty() ? "" : ", ") + std::string(candidate.name);
            }
            return refuse(
                cf, quoted(word(cf, i)) + " must be one of " + names + std::string(explanation));
        }
        bits |= bit;
    }
    return NGX_CONF_OK;
}

std::optional<time_t> parse_seconds(std::string_view text) {
    ngx_str_t value = ngx::str(text);
    const time_t seconds = ngx_parse_time(&value, 1);
    return seconds == NGX_ERROR ? std::nullopt : std::optional<time_t>(seconds);
}

char* set_lock_time(ngx_conf_t* cf, ngx_msec_t& value_of) {
    if (value_of != NGX_CONF_UNSET_MSEC) {
        return duplicate(cf);
    }
    ngx_str_t value = ngx::str(word(cf, 1));
    const ngx_int_t time = ngx_parse_time(&value, 0);
    if (time == NGX_ERROR) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a time like 5s");
    }
    value_of = static_cast<ngx_msec_t>(time);
    return NGX_CONF_OK;
}

// In thousandths.
std::optional<ngx_uint_t> parse_percent(std::string_view text) {
    if (text.ends_with('%')) {
        text.remove_suffix(1);
    }
    const auto percent = parse_decimal<std::uint32_t>(text);
    return percent && *percent != 0 && *percent <= 100 ? std::optional<ngx_uint_t>(*percent * 10)
                                                       : std::nullopt;
}

char* refuse_percent(ngx_conf_t* cf) {
    return refuse(cf, quoted(word(cf, 1)) + " must be \"off\" or a percentage like 10%");
}

}  // namespace

// mcache name | off
char* set_pool(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.pool != NGX_CONF_UNSET_PTR) {
        return duplicate(cf);
    }
    const std::string_view name = word(cf, 1);
    location.declared_off = name == "off";
    if (name == "off") {
        location.pool = nullptr;
        return NGX_CONF_OK;
    }
    if (name.empty() || name.find('$') != std::string_view::npos) {
        return refuse(cf, quoted(name) +
                              " must be the name of an mcache_pool, without variables, "
                              "or \"off\"");
    }
    request::Pool& pool = pool_by_name(main_conf(cf), name);
    if (pool.where.empty()) {
        pool.where = place(cf);
    }
    location.pool = &pool;
    return NGX_CONF_OK;
}

// mcache_ignore [~|~*]regex ...
char* set_ignore(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.ignore == NGX_CONF_UNSET_PTR) {
        location.ignore = ngx::pool_new<std::vector<Pattern>>(cf->pool);
        if (location.ignore == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
    }
    for (ngx_uint_t i = 1; i < words(cf); ++i) {
        std::string_view text = word(cf, i);
        bool caseless = false;
        if (text == "~*" || text == "~") {  // as in a location: the pattern is the next word
            caseless = text == "~*";
            if (++i == words(cf)) {
                return refuse(cf, quoted(text) + " must be followed by a pattern");
            }
            text = word(cf, i);
        } else if (text.starts_with("~*")) {
            caseless = true;
            text.remove_prefix(2);
        } else if (text.starts_with('~')) {
            text.remove_prefix(1);
        }
        if (text.empty()) {
            return refuse(cf, "an empty pattern would match every URL, use \"mcache off\"");
        }
        std::string error;
        auto pattern = Pattern::compile(text, caseless, error);
        if (!pattern) {
            return refuse(cf, quoted(text) + ": invalid regular expression: " + error);
        }
        location.ignore->push_back(std::move(*pattern));
    }
    return NGX_CONF_OK;
}

// mcache_format entry | raw
char* set_format(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.format != NGX_CONF_UNSET_UINT) {
        return duplicate(cf);
    }
    const std::string_view value = word(cf, 1);
    if (value != "entry" && value != "raw") {
        return refuse(cf, quoted(value) + " must be \"entry\" or \"raw\"");
    }
    location.format = static_cast<ngx_uint_t>(value == "raw" ? Format::Raw : Format::Entry);
    return NGX_CONF_OK;
}

// mcache_valid [code ...] time
char* set_valid(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.valid == NGX_CONF_UNSET_PTR) {
        location.valid = ngx::pool_new<std::vector<http::ValidRule>>(cf->pool);
        if (location.valid == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
    }
    const ngx_uint_t last = words(cf) - 1;
    ngx_str_t time = ngx::str(word(cf, last));
    const time_t seconds = ngx_parse_time(&time, 1);
    if (seconds == NGX_ERROR) {
        return refuse(cf,
                      quoted(word(cf, last)) + " must be a time like 10m, as the last argument");
    }
    if (last == 1) {
        for (unsigned status : {200u, 301u, 302u}) {
            location.valid->push_back({seconds, status});
        }
        return NGX_CONF_OK;
    }
    for (ngx_uint_t i = 1; i < last; ++i) {
        unsigned status = 0;
        if (word(cf, i) != "any") {
            status = parse_decimal<unsigned>(word(cf, i)).value_or(0);
            if (status < 100 || status > 599) {
                return refuse(
                    cf, quoted(word(cf, i)) + " must be a status from 100 to 599, or \"any\"");
            }
        }
        location.valid->push_back({seconds, status});
    }
    return NGX_CONF_OK;
}

// mcache_methods GET | HEAD | POST ...
char* set_methods(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    char* rc = set_bits(cf, kMethods, location.methods, "");
    location.methods |= kAlwaysLookedUp;
    return rc;
}

// mcache_ignore_headers field ...
char* set_ignore_headers(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    return set_bits(cf, kIgnoredHeaders, location.ignore_headers,
                    " (proxy_ignore_headers and the like are for the rest)");
}

// mcache_max_size size
char* set_max_size(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.max_size != NGX_CONF_UNSET_SIZE) {
        return duplicate(cf);
    }
    ngx_str_t value = ngx::str(word(cf, 1));
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR || size == 0) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a size above 0 like 512k or 1m");
    }
    location.max_size = static_cast<size_t>(size);
    return NGX_CONF_OK;
}

// mcache_local size | off
char* set_local(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.local_size != NGX_CONF_UNSET_SIZE) {
        return duplicate(cf);
    }
    if (word(cf, 1) == "off") {
        location.local_size = 0;
        return NGX_CONF_OK;
    }
    ngx_str_t value = ngx::str(word(cf, 1));
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR || size < kMinLocalSize) {
        return refuse(cf,
                      quoted(word(cf, 1)) + " must be \"off\" or a size of at least 1m like 64m");
    }
    location.local_size = static_cast<size_t>(size);
    return NGX_CONF_OK;
}

// mcache_use_stale condition ... | off
char* set_use_stale(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    return set_bits(cf, kUseStaleConditions, location.use_stale, "");
}

// mcache_keep_stale time
char* set_keep_stale(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.keep_stale != NGX_CONF_UNSET) {
        return duplicate(cf);
    }
    const auto seconds = parse_seconds(word(cf, 1));
    if (!seconds) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a time like 10m, 0 to keep nothing");
    }
    location.keep_stale = *seconds;
    return NGX_CONF_OK;
}

namespace {

char* set_number(ngx_conf_t* cf, ngx_uint_t& into) {
    if (into != NGX_CONF_UNSET_UINT) {
        return duplicate(cf);
    }
    const auto number = parse_decimal<std::uint32_t>(word(cf, 1));
    if (!number || *number == 0) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a number from 1");
    }
    into = *number;
    return NGX_CONF_OK;
}

}  // namespace

char* set_min_uses(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return set_number(cf, static_cast<LocationConf*>(conf)->min_uses);
}

char* set_lock_waiters(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return set_number(cf, static_cast<LocationConf*>(conf)->lock_waiters);
}

// mcache_max_range_offset number
char* set_max_range_offset(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.max_range_offset != NGX_CONF_UNSET) {
        return duplicate(cf);
    }
    ngx_str_t value = ngx::str(word(cf, 1));
    const off_t offset = ngx_parse_offset(&value);
    if (offset == NGX_ERROR) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a number of bytes like 0 or 1m");
    }
    location.max_range_offset = offset;
    return NGX_CONF_OK;
}

// mcache_targeted_cache_control field ... | off
char* set_targeted(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.targeted != NGX_CONF_UNSET_PTR) {
        return duplicate(cf);
    }
    location.targeted = ngx::pool_new<std::vector<std::string_view>>(cf->pool);
    if (location.targeted == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (words(cf) == 2 && word(cf, 1) == "off") {
        return NGX_CONF_OK;
    }
    for (ngx_uint_t i = 1; i < words(cf); ++i) {
        const std::string_view name = word(cf, i);
        if (name == "off" || name.empty() ||
            !std::all_of(name.begin(), name.end(), is_token_char)) {
            return refuse(cf, quoted(name) +
                                  " must be the name of a response field like "
                                  "CDN-Cache-Control, or \"off\" alone");
        }
        location.targeted->push_back(name);
    }
    return NGX_CONF_OK;
}

// mcache_early_refresh off | percent
char* set_early_refresh(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.early_permille != NGX_CONF_UNSET_UINT) {
        return duplicate(cf);
    }
    const bool off = word(cf, 1) == "off";
    const auto permille = off ? std::optional<ngx_uint_t>(0) : parse_percent(word(cf, 1));
    if (!permille) {
        return refuse_percent(cf);
    }
    location.early_permille = *permille;
    return NGX_CONF_OK;
}

// mcache_heuristic off | percent [max=time]
char* set_heuristic(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.heuristic_permille != NGX_CONF_UNSET_UINT) {
        return duplicate(cf);
    }
    if (word(cf, 1) == "off" && words(cf) == 2) {
        location.heuristic_permille = 0;
        return NGX_CONF_OK;
    }
    const auto permille = parse_percent(word(cf, 1));
    if (!permille) {
        return refuse_percent(cf);
    }
    location.heuristic_permille = *permille;
    if (words(cf) == 3) {
        std::string_view max = word(cf, 2);
        const bool named = max.starts_with("max=");
        const auto seconds = named ? parse_seconds(max.substr(4)) : std::nullopt;
        if (!seconds) {
            return refuse(cf, quoted(max) + " must be max= and a time like max=1d");
        }
        location.heuristic_cap = *seconds;
    }
    return NGX_CONF_OK;
}

char* set_lock_timeout(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return set_lock_time(cf, static_cast<LocationConf*>(conf)->lock_timeout);
}

char* set_lock_age(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return set_lock_time(cf, static_cast<LocationConf*>(conf)->lock_age);
}

char* refuse_path(ngx_conf_t* cf, ngx_command_t*, void*) {
    return refuse(cf,
                  "pages are in memcached, not under a path: instead of proxy_cache_path write "
                  "\"mcache_pool name { server 127.0.0.1:11211; }\"; levels, keys_zone, inactive "
                  "and max_size have no counterpart; memcached's -m limits the cache and "
                  "mcache_keep_stale sets how long a stale page is kept");
}

char* refuse_no_cache(ngx_conf_t* cf, ngx_command_t*, void*) {
    return refuse(cf, "use mcache_no_store, the counterpart of proxy_no_cache");
}

}  // namespace mcache::module
