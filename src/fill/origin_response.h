#pragma once

// The origin's response as nginx's first header filter sees it.

#include <span>
#include <string_view>
#include <vector>

#include "format/envelope.h"
#include "http/field_names.h"
#include "http/storable.h"
#include "ngx/api.h"

namespace mcache::request {

class Context;

// What the response is judged by: the origin_fields(), among them those that configuration hides
// from the client, and a Vary where nginx picked by Accept-Encoding and says so later or not at
// all.
std::vector<http::HeaderField> judged_fields(const Context& context);

// What nginx picks by: gzip_proxied looks at Via.
inline constexpr std::string_view kPickedBy = "Accept-Encoding, Via";

// Whether gzip_vary is to add a Vary to the response.
bool picked_by_encoding(const ngx_http_request_t* r);

// May the response be stored? `fields`: the judged_fields().
http::Verdict judge(Context& context, http::HeaderFields fields);

// Fields that are not sent as stored although they are end to end.
bool is_made_anew(format::HeaderId id);

// As judge(), for a stored response whose fields a 304 updated.
http::Verdict judge_freshened(Context& context, unsigned status, http::HeaderFields fields);

// The fields to be stored: what goes to the client, without hop-by-hop fields, cookies and what
// nginx makes anew. `fields`: the judged_fields(). Views into the request. False when there is no
// memory.
bool collect_stored_fields(ngx_http_request_t* r, http::HeaderFields fields,
                           const http::FieldNames& named_in_connection,
                           std::vector<format::EntryHeader>& out);

// Which of the origin's fields go into the entry: end to end, not made anew by nginx, and not
// hidden from clients by the configuration. Views into the request.
class StoredNames {
  public:
    StoredNames(const ngx_http_request_t* r, const http::FieldNames& named_in_connection);
    bool contains(std::string_view name) const;

  private:
    http::FieldNames visible_;
    const http::FieldNames& named_in_connection_;
};

}  // namespace mcache::request
