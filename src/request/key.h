#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "format/key.h"
#include "request/scratch_variables.h"

namespace mcache::request {

class Context;
struct LocationConf;

// The key of a page, whole, and as memcached sees it.
struct PageKey {
    std::string_view site() const { return full.substr(0, site_size); }

    std::string_view full;      // prefix and key, before they are made legal
    std::size_t site_size = 0;  // of the prefix
    format::Key key;
};

// Evaluates mcache_key_prefix and mcache_key into the context's full_key and key. False when the
// result is empty, does not tell one request from another, or there is no memory.
bool make_key(Context& context);

// The same as a GET of the request's target would have it, for a request that is about that page:
// nothing else of the request is changed.
bool make_key_of_get(Context& context);

// mcache_key_prefix alone. False when there is no memory.
bool make_site(Context& context, std::string_view& site);

// Keys of other targets (RFC 9112, section 3.2.1) of the request's host, in its location. As long
// as the object lives the request has no other variables than those of its last target.
class TargetKeys {
  public:
    // `site` and `own_key` are those of the request itself; the key may be empty.
    TargetKeys(Context& context, std::string_view site, std::string_view own_key);

    // False where mcache_key is made of what only a request for the target itself would say: a
    // variable of `set`, what a regular expression of the location captured.
    bool can_tell() const { return can_tell_; }
    // False when the result is empty, or there is no memory.
    bool make(std::string_view target, PageKey& out);

  private:
    bool evaluates_to(ngx_http_complex_value_t* text, std::string_view expected);

    ngx_http_request_t* request_;
    const LocationConf& conf_;
    std::string_view site_;
    ScratchVariables variables_;
    bool can_tell_ = true;
    bool site_is_fixed_ = false;  // the prefix cannot be evaluated anew, and is taken as it is
};

}  // namespace mcache::request
