#pragma once

// One mcache_pool block: its configuration, and its state in a worker.

#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "http/noted_pages.h"
#include "http/refusals.h"
#include "local/local_tier.h"
#include "memcached/client/client.h"
#include "pool/large_buffers.h"
#include "pool/purge_logs.h"
#include "pool/vary_memory.h"
#include "pool/waiting_room.h"

namespace mcache::request {

struct Backend;
class Membership;

struct Pool {
    explicit Pool(std::string_view pool_name);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    std::string name;
    bool defined = false;  // a location may name it before its block is read
    std::string where;     // file and line of its block, or of an mcache that names it
    net::PoolOptions options;
    // Some location's pages can be purged by tag or key prefix: see checks_purge_log().
    bool has_purges = false;
    // Of the locations with the default key that have been read so far.
    const Backend* origin = nullptr;
    bool has_several_origins = false;

    // Created at the worker's first use of the pool.
    net::Client& worker_client() {
        if (!client_) {
            client_ = std::make_unique<net::Client>(options);
        }
        return *client_;
    }
    // Called when the worker starts: names are resolved from then on.
    void start();
    void close();

    // Called before pages of a site are purged from the current servers.
    void note_purge(std::string_view site);

    // Created at the worker's first use. Null: no memory.
    memcached::LocalTier* local_tier() {
        if (!local_tier_) {
            try {
                local_tier_ = std::make_unique<memcached::LocalTier>(options.local_size);
            } catch (const std::bad_alloc&) {
                return nullptr;
            }
        }
        return local_tier_.get();
    }

    VaryMemory& vary_memory() { return vary_memory_; }
    WaitingRooms& waiting_rooms() { return waiting_rooms_; }
    PurgeLogs& purge_logs() { return purge_logs_; }
    LargeBuffers& large_buffers() { return large_buffers_; }
    http::Refusals& refusals() { return refusals_; }
    // A fill would not be stored.
    http::NotedPages& too_large_pages() { return too_large_pages_; }
    // A filter behind ours changes their bodies, so that the client gets all where it wants a
    // range.
    http::NotedPages& rangeless_pages() { return rangeless_pages_; }

  private:
    std::unique_ptr<net::Client> client_;
    std::unique_ptr<memcached::LocalTier> local_tier_;
    std::unique_ptr<Membership> membership_;  // where names are resolved at run time
    VaryMemory vary_memory_;
    WaitingRooms waiting_rooms_;
    PurgeLogs purge_logs_;
    LargeBuffers large_buffers_;
    http::Refusals refusals_;
    http::NotedPages too_large_pages_;
    http::NotedPages rangeless_pages_;
};

}  // namespace mcache::request
