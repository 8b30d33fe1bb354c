#include "module/pool_server.h"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/integer.h"
#include "memcached/placement/roster.h"
#include "module/refusal.h"
#include "ngx/text.h"

namespace mcache::module {

namespace {

using request::Pool;

constexpr in_port_t kDefaultPort = 11211;
constexpr std::uint32_t kMaxWeight = 65535;
constexpr ngx_msec_t kDefaultResolverTimeout = 30000;

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

char* read_server_parameter(ngx_conf_t* cf, std::string_view parameter,
                            net::ServerOptions& server) {
    std::string_view value = parameter;
    if (parameter == "resolve") {
        server.resolve = true;
        return NGX_CONF_OK;
    }
    if (take_prefix(value, "weight=")) {
        const auto weight = parse_decimal<std::uint32_t>(value);
        if (!weight || *weight == 0 || *weight > kMaxWeight) {
            return refuse(cf, quoted(parameter) + " must be weight= with a number from 1 to 65535");
        }
        server.weight = *weight;
        return NGX_CONF_OK;
    }
    if (take_prefix(value, "max_fails=")) {
        const auto fails = parse_decimal<std::uint32_t>(value);
        if (!fails) {
            return refuse(cf, quoted(parameter) +
                                  " must be max_fails= and a number, 0 to never "
                                  "take the server out of use");
        }
        server.max_fails = *fails;
        return NGX_CONF_OK;
    }
    if (take_prefix(value, "fail_timeout=")) {
        const auto timeout = parse_milliseconds(value);
        if (!timeout) {
            return refuse(cf, quoted(parameter) + " must be fail_timeout= with a time like 10s");
        }
        server.fail_timeout = *timeout;
        return NGX_CONF_OK;
    }
    return refuse(cf, "unknown parameter " + quoted(parameter) +
                          ", it must be weight=, max_fails=, fail_timeout= or resolve");
}

// Without the brackets of an IPv6 address: clients hash the host so.
std::string host_name(const ngx_url_t& url) {
    std::string_view host = ngx::view(url.host);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    return std::string(host);
}

memcached::Address address_of(const ngx_addr_t& address) {
    return memcached::Address(reinterpret_cast<const char*>(address.sockaddr), address.socklen);
}

char* add_server(ngx_conf_t* cf, Pool& pool, net::ServerOptions&& server) {
    for (const net::ServerOptions& other : pool.options.servers) {
        if (other.name == server.name) {
            return refuse(cf, quoted(server.name) + " is in this pool already");
        }
    }
    pool.options.servers.push_back(std::move(server));
    return NGX_CONF_OK;
}

}  // namespace

char* read_server(ngx_conf_t* cf, Pool& pool) {
    if (words(cf) < 2) {
        return refuse(cf, "it needs an address like 127.0.0.1:11211 or unix:/run/memcached.sock");
    }
    net::ServerOptions server;
    for (ngx_uint_t i = 2; i < words(cf); ++i) {
        if (char* rc = read_server_parameter(cf, word(cf, i), server); rc != NGX_CONF_OK) {
            return rc;
        }
    }
    ngx_url_t url{};
    url.url = static_cast<ngx_str_t*>(cf->args->elts)[1];
    url.default_port = kDefaultPort;
    url.no_resolve = server.resolve ? 1 : 0;
    if (ngx_parse_url(cf->pool, &url) != NGX_OK || (url.naddrs == 0 && !server.resolve)) {
        return refuse(cf, quoted(word(cf, 1)) + " is not an address: " +
                              (url.err != nullptr ? url.err : "it does not resolve") +
                              ", write it like 127.0.0.1:11211 or unix:/run/memcached.sock");
    }
    if (url.uri.len != 0) {
        return refuse(cf, quoted(word(cf, 1)) + " must not have a path");
    }
    server.is_unix = url.naddrs != 0 && url.addrs[0].sockaddr->sa_family == AF_UNIX;
    server.host =
        server.is_unix ? std::string(word(cf, 1).substr(sizeof("unix:") - 1)) : host_name(url);
    server.written = server.host;
    server.port = server.is_unix ? 0 : url.port;
    server.name = server.is_unix
                      ? "unix:" + server.host
                      : std::string(ngx::view(url.host)) + ":" + std::to_string(server.port);
    server.resolve = server.resolve && url.naddrs == 0;  // what is an address stays one
    if (server.resolve) {
        pool.options.has_names = true;
        return add_server(cf, pool, std::move(server));
    }
    std::vector<memcached::Address> addresses;
    for (ngx_uint_t i = 0; i < url.naddrs; ++i) {
        addresses.push_back(address_of(url.addrs[i]));
    }
    addresses = memcached::choose_addresses(std::move(addresses));
    if (addresses.size() == 1) {
        server.address = std::move(addresses.front());
        return add_server(cf, pool, std::move(server));
    }
    for (const memcached::Address& address : addresses) {
        if (char* rc = add_server(cf, pool, net::at_address(server, address)); rc != NGX_CONF_OK) {
            return rc;
        }
    }
    return NGX_CONF_OK;
}

std::optional<ngx_msec_t> parse_milliseconds(std::string_view text) {
    ngx_str_t value = ngx::str(text);
    const ngx_int_t parsed = ngx_parse_time(&value, 0);
    if (parsed == NGX_ERROR) {
        return std::nullopt;
    }
    return static_cast<ngx_msec_t>(parsed);
}

// An array in nginx, a list in Angie from 1.12 on.
bool has_servers(const ngx_resolver_t& resolver) {
    const auto is_empty = [](const auto& connections) {
        if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(connections)>>) {
            return connections == nullptr;
        } else {
            return connections.nelts == 0;
        }
    };
    return !is_empty(resolver.connections);
}

ngx_int_t find_resolver(ngx_conf_t* cf, Pool& pool) {
    if (!pool.options.resolves()) {
        return NGX_OK;
    }
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    // Where http{} names none, nginx makes one without servers.
    if (core->resolver == nullptr || !has_servers(*core->resolver)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"resolve\" of mcache_pool \"%s\": no resolver defined to resolve names at "
                      "run time; add one like \"resolver 127.0.0.53;\" to the http block in %s",
                      pool.name.c_str(), pool.where.c_str());
        return NGX_ERROR;
    }
    pool.options.resolver = core->resolver;
    pool.options.resolver_timeout = core->resolver_timeout == NGX_CONF_UNSET_MSEC
                                        ? kDefaultResolverTimeout
                                        : core->resolver_timeout;
    return NGX_OK;
}

}  // namespace mcache::module
