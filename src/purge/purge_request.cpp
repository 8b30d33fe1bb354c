#include "purge/purge_request.h"

#include <algorithm>

#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"
#include "format/tags.h"
#include "ngx/fields.h"
#include "ngx/text.h"
#include "purge/purge_answer.h"
#include "request/context.h"
#include "request/key.h"

namespace mcache::request {

namespace {

constexpr std::string_view kText = "text/plain";
constexpr std::string_view kJson = "application/json";

std::string_view content_type(const ngx_http_request_t* r) {
    const ngx_table_elt_t* field = r->headers_in.content_type;
    const std::string_view value = field == nullptr ? std::string_view() : ngx::view(field->value);
    return trim_ows(value.substr(0, value.find(';')));
}

bool refuse(Context& context, ngx_uint_t status, std::string_view why) {
    answer_refusal(*context.purge, status, why);
    return false;
}

// ---- the list ---------------------------------------------------------------------------------

bool append_file(const ngx_buf_t* buf, std::string& out) {
    const auto size = static_cast<std::size_t>(buf->file_last - buf->file_pos);
    const std::size_t before = out.size();
    out.resize(before + size);
    return ngx_read_file(buf->file, ngx::bytes(std::string_view(out).substr(before)), size,
                         buf->file_pos) == static_cast<ssize_t>(size);
}

// False if a file cannot be read, or the body is too large.
bool read_body(const ngx_http_request_t* r, std::string& out) {
    const ngx_chain_t* link = r->request_body == nullptr ? nullptr : r->request_body->bufs;
    for (; link != nullptr; link = link->next) {
        const ngx_buf_t* buf = link->buf;
        if (static_cast<std::size_t>(ngx_buf_size(buf)) > kMaxPurgeBody - out.size()) {
            return false;
        }
        if (ngx_buf_in_memory(buf)) {
            out.append(reinterpret_cast<const char*>(buf->pos),
                       static_cast<std::size_t>(buf->last - buf->pos));
        } else if (buf->in_file && !append_file(buf, out)) {
            return false;
        }
    }
    return true;
}

// False: refused.
bool collect_list(Context& context, std::vector<std::string>& list) {
    ngx_http_request_t* r = context.request();
    for (const http::HeaderField& field : collect_fields(r->headers_in.headers)) {
        if (iequals(field.name, "Purge-Key")) {
            list.emplace_back(field.value);
        }
    }
    context.purge->listed = !list.empty();
    if (r->request_body != nullptr) {
        std::string body;
        std::vector<std::string> keys;
        if (!read_body(r, body)) {
            return refuse(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                          "the body is larger than 1 MiB, or cannot be read");
        }
        if (iequals(content_type(r), kText)) {
            const std::vector<std::string_view> lines = split_list(body);
            keys.assign(lines.begin(), lines.end());
        } else if (parse_string_array(body, kMaxPurgeKeys, keys) != Parse::Ok) {
            return refuse(context, NGX_HTTP_BAD_REQUEST,
                          "the body must be a JSON array of at most 1000 strings");
        }
        context.purge->listed = true;
        list.insert(list.end(), keys.begin(), keys.end());
    }
    return list.size() <= kMaxPurgeKeys ||
           refuse(context, NGX_HTTP_BAD_REQUEST, "more than 1000 keys");
}

// ---- targets ----------------------------------------------------------------------------------

// False if the key cannot be computed.
bool log_of(PurgeRequest& purge, std::string_view site, std::size_t& index) {
    const auto same = std::find_if(purge.logs.begin(), purge.logs.end(),
                                   [&](const PurgedLog& log) { return log.site == site; });
    index = static_cast<std::size_t>(same - purge.logs.begin());
    if (same != purge.logs.end()) {
        return true;
    }
    PurgedLog& log = purge.logs.emplace_back();
    log.site = site;
    return format::make_purge_log_key(site, log.key);
}

bool add_prefix(Context& context, PurgeTarget&& target, std::string_view site,
                std::string_view prefix) {
    PurgeRequest& purge = *context.purge;
    if (!context.conf().checks_purge_log() || context.conf().stored_format() == Format::Raw) {
        return refuse(
            context, NGX_HTTP_BAD_REQUEST,
            "a key that ends in * needs mcache_purge_log on and mcache_format entry here");
    }
    target.what = PurgeTarget::What::Prefix;
    if (!log_of(purge, site, target.log) ||
        !format::append_prefix_purge(purge.logs[target.log].lines, prefix,
                                     context.conf().purge_soft)) {
        return refuse(context, NGX_HTTP_BAD_REQUEST, "control character in a key that ends in *");
    }
    purge.targets.push_back(std::move(target));
    return true;
}

// `full` is the key with its site, `name` what the client knows it by.
bool add_key(Context& context, std::string_view name, std::string_view full,
             std::string_view site) {
    PurgeTarget target;
    target.name = name;
    const std::string_view key = full.substr(site.size());
    if (key.ends_with('*')) {
        return add_prefix(context, std::move(target), site, key.substr(0, key.size() - 1));
    }
    if (key.empty() || !format::make_key(full, target.key)) {
        return refuse(context, NGX_HTTP_BAD_REQUEST, "an empty key");
    }
    if (!log_of(*context.purge, site, target.log)) {
        return refuse(context, NGX_HTTP_INTERNAL_SERVER_ERROR, "no memory");
    }
    target.full_key_size = full.size();
    context.purge->targets.push_back(std::move(target));
    return true;
}

bool add_own_key(Context& context) {
    if (!make_key_of_get(context)) {
        return refuse(context, NGX_HTTP_BAD_REQUEST, "an empty key");
    }
    return add_key(context, context.key_in_site(), context.full_key, context.site());
}

// A request target of this host, or a key as mcache_key makes it.
bool add_listed(Context& context, TargetKeys& keys, std::string_view item, std::string_view site) {
    if (!item.starts_with('/')) {
        return add_key(context, item, std::string(site) + std::string(item), site);
    }
    if (!keys.can_tell()) {
        return refuse(
            context, NGX_HTTP_BAD_REQUEST,
            "mcache_key of this location contains a variable of \"set\" or a capture, so the "
            "key of a listed URL is unknown: purge it with a separate request, or list "
            "its key");
    }
    PageKey page;
    if (!keys.make(item, page)) {
        return refuse(context, NGX_HTTP_BAD_REQUEST, "an empty key");
    }
    return add_key(context, item, page.full, page.site());
}

bool add_list(Context& context, const std::vector<std::string>& list, std::string_view site) {
    const std::string_view own =
        make_key_of_get(context) ? context.key_in_site() : std::string_view();
    TargetKeys keys(context, site, own);
    return std::all_of(list.begin(), list.end(), [&](const std::string& item) {
        return add_listed(context, keys, item, site);
    });
}

bool add_tags(Context& context, std::string_view site) {
    PurgeRequest& purge = *context.purge;
    std::string tags;
    if (format::parse_tags(purge.tags, tags) != Parse::Ok) {
        return refuse(context, NGX_HTTP_BAD_REQUEST,
                      "more than 1024 tags or 16 KiB, or a control character in one");
    }
    std::size_t log = 0;
    if (tags.empty() || !log_of(purge, site, log)) {
        return refuse(context, NGX_HTTP_BAD_REQUEST, "no tag");
    }
    format::for_each_tag(tags, [&](std::string_view tag) {
        PurgeTarget target;
        target.what = PurgeTarget::What::Tag;
        target.name = tag;
        target.log = log;
        format::append_tag_purge(purge.logs[log].lines, tag, context.conf().purge_soft);
        purge.targets.push_back(std::move(target));
    });
    return true;
}

}  // namespace

bool has_key_list(Context& context) {
    const ngx_http_request_t* r = context.request();
    const off_t length = r->headers_in.content_length_n;
    if (!context.purge->by_key || (length <= 0 && !r->headers_in.chunked)) {
        return false;
    }
    const std::string_view type = content_type(r);
    if (!iequals(type, kText) && !iequals(type, kJson)) {
        return refuse(context, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                      "a body with keys must be text/plain or application/json");
    }
    if (length > static_cast<off_t>(kMaxPurgeBody)) {
        return refuse(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "the body is larger than 1 MiB");
    }
    return true;
}

bool collect_targets(Context& context) {
    PurgeRequest& purge = *context.purge;
    std::vector<std::string> list;
    std::string_view site;
    if (purge.by_key && !collect_list(context, list)) {
        return false;
    }
    if (!make_site(context, site)) {
        return refuse(context, NGX_HTTP_INTERNAL_SERVER_ERROR, "no memory");
    }
    if (!list.empty() && !add_list(context, list, site)) {
        return false;
    }
    if (!purge.tags.empty() && !add_tags(context, site)) {
        return false;
    }
    if (purge.tags.empty() && !purge.listed && !add_own_key(context)) {
        return false;
    }
    const bool too_long = std::any_of(purge.logs.begin(), purge.logs.end(), [](const auto& log) {
        return log.lines.size() > format::kPurgeLogLimit;
    });
    return !too_long ||
           refuse(context, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "too many keys that end in *");
}

}  // namespace mcache::request
