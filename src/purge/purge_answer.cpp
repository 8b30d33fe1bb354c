#include "purge/purge_answer.h"

#include <algorithm>

#include "base/json.h"
#include "ngx/fields.h"
#include "ngx/text.h"
#include "purge/purge_request.h"
#include "request/context.h"

namespace mcache::request {

namespace {

using Result = PurgeTarget::Result;

std::string_view result_text(Result result) {
    switch (result) {
        case Result::Purged:
            return "purged";
        case Result::NotFound:
            return "not found";
        case Result::Failed:
            break;
    }
    return "failed";
}

void append_result(std::string& out, const PurgeTarget& target) {
    out += target.what == PurgeTarget::What::Tag ? "{\"tag\":" : "{\"key\":";
    append_json_string(out, target.name);
    out += ",\"result\":";
    append_json_string(out, result_text(target.result));
    if (target.result == Result::Failed) {
        out += ",\"servers\":[";
        for (const std::string_view server : target.failed) {
            out += out.ends_with('[') ? "" : ",";
            append_json_string(out, server);
        }
        out += ']';
    }
    out += '}';
}

bool any_is(const PurgeRequest& purge, Result result) {
    return std::any_of(purge.targets.begin(), purge.targets.end(),
                       [&](const PurgeTarget& target) { return target.result == result; });
}

ngx_uint_t status_of(const PurgeRequest& purge) {
    if (any_is(purge, Result::Failed)) {
        return NGX_HTTP_BAD_GATEWAY;
    }
    if (purge.listed) {
        return NGX_HTTP_OK;
    }
    return any_is(purge, Result::NotFound) ? NGX_HTTP_NOT_FOUND : NGX_HTTP_NO_CONTENT;
}

}  // namespace

void answer_results(PurgeRequest& purge) {
    purge.status = status_of(purge);
    if (purge.status == NGX_HTTP_NO_CONTENT) {
        return;
    }
    purge.body = "{\"results\":[";
    for (const PurgeTarget& target : purge.targets) {
        purge.body += purge.body.ends_with('[') ? "" : ",";
        append_result(purge.body, target);
    }
    purge.body += "]}\n";
}

void answer_refusal(PurgeRequest& purge, ngx_uint_t status, std::string_view why) {
    purge.status = status;
    purge.body = "{\"error\":";
    append_json_string(purge.body, why);
    purge.body += "}\n";
}

ngx_int_t purge_answer_handler(Context& context) {
    ngx_http_request_t* r = context.request();
    const PurgeRequest& purge = *context.purge;
    ngx_int_t rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }
    r->headers_out.status = purge.status;
    r->headers_out.content_length_n = static_cast<off_t>(purge.body.size());
    r->headers_out.content_type = ngx::str("application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    auto* b = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (b == nullptr ||
        push_field(r->headers_out.headers, "Cache-Control", "no-store") == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    r->header_only = r->header_only || purge.body.empty();
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    b->pos = b->start = ngx::bytes(purge.body);
    b->last = b->end = b->pos + purge.body.size();
    b->memory = 1;
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    ngx_chain_t out{b, nullptr};
    return ngx_http_output_filter(r, &out);
}

}  // namespace mcache::request
