#include "module/pool_block.h"

#include <array>
#include <set>
#include <string>
#include <utility>

#include "base/integer.h"
#include "module/pool_security.h"
#include "module/pool_server.h"
#include "module/refusal.h"
#include "ngx/guard.h"
#include "ngx/text.h"

namespace mcache::module {

namespace {

using request::Pool;

constexpr ngx_uint_t kMaxConnections = 64;
constexpr std::size_t kMinQueue = 16;
constexpr std::size_t kMinItemSize = 1024;
constexpr std::size_t kMaxItemSize = std::size_t{1} << 30;
constexpr std::size_t kMinBuffers = 64 * 1024;

// State while one block is read.
struct Block {
    Pool* pool;
    std::set<std::string, std::less<>> seen;
};

char* read_distribution(ngx_conf_t* cf, Pool& pool) {
    std::string error;
    const auto distribution = memcached::parse_distribution(word(cf, 1), error);
    if (!distribution) {
        return refuse(cf, error);
    }
    pool.options.distribution = *distribution;
    return NGX_CONF_OK;
}

char* read_hash(ngx_conf_t* cf, Pool& pool) {
    std::string error;
    const auto hash = memcached::parse_hash(word(cf, 1), error);
    if (!hash) {
        return refuse(cf, error);
    }
    pool.options.hash = *hash;
    return NGX_CONF_OK;
}

char* read_connections(ngx_conf_t* cf, Pool& pool) {
    const auto connections = parse_decimal<ngx_uint_t>(word(cf, 1));
    if (!connections || *connections == 0 || *connections > kMaxConnections) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a number from 1 to 64");
    }
    pool.options.connections = *connections;
    return NGX_CONF_OK;
}

template <ngx_msec_t net::PoolOptions::*Member>
char* read_timeout(ngx_conf_t* cf, Pool& pool) {
    const auto timeout = parse_milliseconds(word(cf, 1));
    if (!timeout || *timeout == 0) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a time above 0 like 250ms");
    }
    pool.options.*Member = *timeout;
    return NGX_CONF_OK;
}

char* read_max_item_size(ngx_conf_t* cf, Pool& pool) {
    ngx_str_t value = ngx::str(word(cf, 1));
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR || static_cast<std::size_t>(size) < kMinItemSize ||
        static_cast<std::size_t>(size) > kMaxItemSize) {
        return refuse(cf,
                      quoted(word(cf, 1)) + " must be a size from 1k to 1024m, as memcached's -I");
    }
    pool.options.max_item_size = static_cast<std::size_t>(size);
    return NGX_CONF_OK;
}

template <std::size_t net::PoolOptions::*Member>
char* read_buffers(ngx_conf_t* cf, Pool& pool) {
    ngx_str_t value = ngx::str(word(cf, 1));
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR || static_cast<std::size_t>(size) < kMinBuffers) {
        return refuse(cf,
                      quoted(word(cf, 1)) + " must be a size of at least 64k (memory per worker)");
    }
    pool.options.*Member = static_cast<std::size_t>(size);
    return NGX_CONF_OK;
}

char* read_queue(ngx_conf_t* cf, Pool& pool) {
    const auto commands = parse_decimal<std::uint32_t>(word(cf, 1));
    if (!commands || *commands < kMinQueue) {
        return refuse(cf, quoted(word(cf, 1)) +
                              " must be a number of at least 16: the commands that may "
                              "wait for the replies of a connection");
    }
    pool.options.queue = *commands;
    return NGX_CONF_OK;
}

char* read_replicas(ngx_conf_t* cf, Pool& pool) {
    const auto replicas = parse_decimal<std::size_t>(word(cf, 1));
    if (!replicas || *replicas == 0 || *replicas > net::PoolOptions::kMaxReplicas) {
        return refuse(cf, quoted(word(cf, 1)) + " must be a number of servers from 1 to 4");
    }
    pool.options.replicas = *replicas;
    return NGX_CONF_OK;
}

char* read_on_failure(ngx_conf_t* cf, Pool& pool) {
    const std::string_view what = word(cf, 1);
    if (what != "miss" && what != "next") {
        return refuse(cf, quoted(what) + " must be \"miss\" or \"next\"");
    }
    pool.options.on_failure = what == "next" ? net::OnFailure::Next : net::OnFailure::Miss;
    return NGX_CONF_OK;
}

struct Line {
    std::string_view name;
    char* (*read)(ngx_conf_t*, Pool&);
};

constexpr std::array kLines = {
    Line{"distribution", read_distribution},
    Line{"hash", read_hash},
    Line{"connections", read_connections},
    Line{"connect_timeout", read_timeout<&net::PoolOptions::connect_timeout>},
    Line{"timeout", read_timeout<&net::PoolOptions::timeout>},
    Line{"max_item_size", read_max_item_size},
    Line{"large_buffers", read_buffers<&net::PoolOptions::large_buffers>},
    Line{"store_buffers", read_buffers<&net::PoolOptions::store_buffers>},
    Line{"queue", read_queue},
    Line{"replicas", read_replicas},
    Line{"on_failure", read_on_failure},
    Line{"auth_file", read_auth_file},
    Line{"tls", read_tls},
    Line{"tls_verify", read_tls_verify},
    Line{"tls_trusted_certificate", read_tls_trusted_certificate},
    Line{"tls_name", read_tls_name},
    Line{"tls_certificate", read_tls_certificate},
    Line{"tls_certificate_key", read_tls_certificate_key},
};

char* read_line(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    Block& block = *static_cast<Block*>(conf);
    const std::string_view name = word(cf, 0);
    if (name == "server") {
        return read_server(cf, *block.pool);
    }
    for (const Line& line : kLines) {
        if (line.name != name) {
            continue;
        }
        if (words(cf) != 2) {
            return refuse(cf, "it takes one value");
        }
        if (!block.seen.emplace(name).second) {
            return refuse(cf, "it is a duplicate in this mcache_pool");
        }
        return line.read(cf, *block.pool);
    }
    return refuse(cf,
                  "unknown in mcache_pool, which takes server, distribution, hash, connections, "
                  "connect_timeout, timeout, max_item_size, large_buffers, store_buffers, "
                  "queue, replicas, on_failure, auth_file, tls, tls_verify, "
                  "tls_trusted_certificate, tls_name, tls_certificate and tls_certificate_key");
}

// Copies need servers to lie on.
char* check_copies(ngx_conf_t* cf, const net::PoolOptions& options) {
    const std::size_t servers = options.servers.size();
    const std::string pool = " of mcache_pool " + quoted(options.name);
    if (options.resolves() && options.keeps_copies()) {
        return refuse(cf, "\"resolve\"" + pool +
                              " cannot be combined with \"replicas\" and \"on_failure next\"");
    }
    if (options.replicas > servers) {
        return refuse(cf, "\"replicas " + std::to_string(options.replicas) + "\"" + pool +
                              " needs as many servers, but the pool has " +
                              std::to_string(servers));
    }
    if (options.candidates() > servers) {
        return refuse(cf, "\"on_failure next\"" + pool + " needs a server in addition to the " +
                              std::to_string(options.replicas) + " of a page, but the pool has " +
                              std::to_string(servers) + "; add one, or write \"on_failure miss\"");
    }
    return NGX_CONF_OK;
}

char* finish(ngx_conf_t* cf, Pool& pool) {
    if (pool.options.servers.empty()) {
        return refuse(cf, quoted(pool.name) +
                              " needs at least one line like \"server "
                              "127.0.0.1:11211;\"");
    }
    if (pool.options.hash != memcached::Hash::Default &&
        memcached::ignores_hash(pool.options.distribution)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"hash\" of mcache_pool \"%s\" has no effect: libmemcached always uses "
                           "MD5 with the distribution ketama_weighted",
                           pool.name.c_str());
    }
    std::string error;
    if (char* rc = finish_tls(cf, pool.options); rc != NGX_CONF_OK) {
        return rc;
    }
    if (char* rc = check_copies(cf, pool.options); rc != NGX_CONF_OK) {
        return rc;
    }
    if (pool.options.resolves()) {
        // Whose keys are whose changes with the servers: an old page may be where a key was before.
        pool.has_purges = true;
        pool.defined = true;
        return NGX_CONF_OK;
    }
    std::vector<memcached::Placement::Member> members;
    for (const net::ServerOptions& server : pool.options.servers) {
        members.push_back({members.size(), net::ring_server(server)});
    }
    pool.options.placement = memcached::Placement::create(
        std::move(members), pool.options.distribution, pool.options.hash, error);
    if (pool.options.placement == nullptr) {
        return refuse(cf, error);
    }
    pool.defined = true;
    return NGX_CONF_OK;
}

}  // namespace

request::Pool& pool_by_name(request::MainConf& conf, std::string_view name) {
    for (const std::unique_ptr<Pool>& pool : conf.pools) {
        if (pool->name == name) {
            return *pool;
        }
    }
    conf.pools.push_back(std::make_unique<Pool>(name));
    conf.pools.back()->options.name = name;
    return *conf.pools.back();
}

char* read_pool_block(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    if (word(cf, 1) == "off" || word(cf, 1).empty()) {
        return refuse(cf, quoted(word(cf, 1)) + " cannot be a pool's name");
    }
    Block block{&pool_by_name(*static_cast<request::MainConf*>(conf), word(cf, 1)), {}};
    if (block.pool->defined) {
        return refuse(cf, quoted(block.pool->name) + " is already defined");
    }
    block.pool->where = place(cf);
    const ngx_conf_t saved = *cf;
    cf->handler = ngx::ConfGuard<read_line>::call;
    cf->handler_conf = reinterpret_cast<char*>(&block);
    char* rc = ngx_conf_parse(cf, nullptr);
    *cf = saved;
    return rc == NGX_CONF_OK ? finish(cf, *block.pool) : rc;
}

}  // namespace mcache::module
