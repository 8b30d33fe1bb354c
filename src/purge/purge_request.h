#pragma once

// The targets of a purge request. The keys come from the request itself, from repeated header
// fields `Purge-Key`, or from a body: text/plain with one key per line, application/json with an
// array of keys. Tags come from mcache_purge_tags.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/key.h"
#include "memcached/client/client.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

inline constexpr std::size_t kMaxPurgeKeys = 1000;
inline constexpr std::size_t kMaxPurgeBody = 1024 * 1024;

// One target of a purge, and its result.
struct PurgeTarget {
    enum class What : std::uint8_t {
        Page,    // the item of a key: a page, an index with its variants, an application's body
        Prefix,  // all pages whose key has this prefix: the key ended in an asterisk
        Tag,     // all pages with the tag
    };
    enum class Result : std::uint8_t {
        Failed,  // not all servers have acknowledged
        Purged,
        NotFound,  // Page: there was none
    };

    What what = What::Page;
    std::string name;               // as requested
    format::Key key;                // Page
    std::size_t full_key_size = 0;  // Page: of the key before it was made legal
    std::size_t log = 0;            // index of its site's log in the request
    Result result = Result::Failed;
    std::vector<std::string_view> failed;  // names of the servers that did not acknowledge
    std::vector<net::ServerIndex> missed;  // the same servers
};

// The lines to append to the log of one site on each server. May be empty.
struct PurgedLog {
    std::string site;
    format::Key key;
    std::string lines;
};

struct PurgeRequest {
    enum class Step : std::uint8_t {
        Body,     // read the body, if it has keys
        Targets,  // collect the targets
        Purge,    // the purge is running
    };

    Step step = Step::Body;
    bool by_key = false;  // mcache_purge: not by tag alone
    std::string_view tags;
    bool listed = false;  // the keys are not the request's own
    std::vector<PurgeTarget> targets;
    std::vector<PurgedLog> logs;

    // The answer.
    ngx_uint_t status = NGX_HTTP_INTERNAL_SERVER_ERROR;
    std::string body;  // JSON
};

// Whether a body with keys must be read before the targets are collected. If the body is refused,
// the response is set: status is no longer 500.
bool has_key_list(Context& context);

// Collects targets and logs. False: the request is refused, and its response is set.
bool collect_targets(Context& context);

}  // namespace mcache::request
