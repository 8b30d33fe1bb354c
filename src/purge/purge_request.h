#pragma once

// What a purge request asks for. The keys come from the request itself, from repeated header fields
// `Purge-Key`, or from a body: text/plain with a key a line, application/json with an array of
// them; tags come from mcache_purge_tags.

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

// One thing to be purged, and what came of it.
struct PurgeTarget {
    enum class What : std::uint8_t {
        Page,    // what lies under a key: a page, an index with its variants, an application's body
        Prefix,  // everything whose key begins so: the key ended in an asterisk
        Tag,     // everything that has the tag
    };
    enum class Result : std::uint8_t {
        Failed,  // the servers did not all acknowledge, or have not been asked
        Purged,
        NotFound,  // Page: there was none
    };

    What what = What::Page;
    std::string name;               // as it was asked for
    format::Key key;                // Page
    std::size_t full_key_size = 0;  // Page: of the key before it was made legal
    std::size_t log = 0;            // of its site: which of the request's
    Result result = Result::Failed;
    std::vector<std::string_view> failed;  // names of the servers that did not acknowledge
    std::vector<net::ServerIndex> missed;  // the same servers
};

// The lines that are to be appended to the log of one site, on each server. There may be none.
struct PurgedLog {
    std::string site;
    format::Key key;
    std::string lines;
};

struct PurgeRequest {
    enum class Step : std::uint8_t {
        Body,     // is to be read, where there is one that counts
        Targets,  // are to be collected
        Purge,    // the journey has begun
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

// Whether there is a body with keys in it, to be read before the targets are collected. A body that
// is refused has got its answer: status is not 500 any more.
bool has_key_list(Context& context);

// Fills in targets and logs. False: the request is refused, and has got its answer.
bool collect_targets(Context& context);

}  // namespace mcache::request
