#include "request/scratch_variables.h"

#include <algorithm>
#include <string>

#include "http/request_target.h"
#include "ngx/text.h"
#include "request/conf.h"

namespace mcache::request {

namespace {

const ngx_http_core_main_conf_t& core_main_conf(ngx_http_request_t* r) {
    return *static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
}

// nginx's own `set` declares its variables weakly; others of its kind (set_md5, set_by_lua) note
// the variable's index with it, which for whatever else is a pointer.
bool is_assigned(const ngx_http_core_main_conf_t& main, ngx_uint_t index) {
    const auto& variable = static_cast<const ngx_http_variable_t*>(main.variables.elts)[index];
    return (variable.flags & NGX_HTTP_VAR_WEAK) != 0 ||
           ((variable.flags & NGX_HTTP_VAR_CHANGEABLE) != 0 && index != 0 &&
            variable.data == index);
}

}  // namespace

ScratchVariables::ScratchVariables(ngx_http_request_t* r)
    : request_(r),
      variables_(r->variables),
      unparsed_uri_(r->unparsed_uri),
      uri_(r->uri),
      args_(r->args),
      method_(r->method),
      method_name_(r->method_name),
      values_(variables_, variables_ + core_main_conf(r).variables.nelts)
#if (NGX_PCRE)
      ,
      ncaptures_(r->ncaptures),
      captures_(r->captures),
      captures_data_(r->captures_data)
#endif
{
#if (NGX_PCRE)
    if (captures_ != nullptr) {
        offsets_.assign(captures_, captures_ + core_main_conf(r).ncaptures);
        r->captures = offsets_.data();
    }
#endif
    r->variables = values_.data();
    r->method = NGX_HTTP_GET;
    r->method_name = ngx::str("GET");
    if (const ngx_int_t index = main_conf(r).request_method; index != NGX_ERROR) {
        values_[static_cast<std::size_t>(index)] = {};
    }
}

ScratchVariables::~ScratchVariables() {
    request_->variables = variables_;
    request_->unparsed_uri = unparsed_uri_;
    request_->uri = uri_;
    request_->args = args_;
    request_->method = method_;
    request_->method_name = method_name_;
#if (NGX_PCRE)
    request_->ncaptures = ncaptures_;
    request_->captures = captures_;
    request_->captures_data = captures_data_;
#endif
}

void ScratchVariables::forget() {
    std::fill(values_.begin(), values_.end(), ngx_http_variable_value_t{});
#if (NGX_PCRE)
    request_->ncaptures = 0;
#endif
}

bool ScratchVariables::ask_for(std::string_view target) {
    ngx_http_request_t* r = request_;
    const std::size_t length = std::min(target.find('?'), target.size());
    const std::string path = normalise_target(target.substr(0, length));
    forget();
    r->unparsed_uri = ngx::copy(r->pool, target);
    r->uri = ngx::copy(r->pool, path);
    if (r->unparsed_uri.data == nullptr || r->uri.data == nullptr) {
        return false;
    }
    r->args = ngx::str(ngx::view(r->unparsed_uri).substr(std::min(length + 1, target.size())));
    return true;
}

bool ScratchVariables::ask_for_itself() {
    ngx_http_request_t* r = request_;
    std::string target(ngx::view(uri_));
    if (args_.len != 0) {
        target += '?';
        target += ngx::view(args_);
    }
    forget();
    r->unparsed_uri = ngx::copy(r->pool, target);
    return r->unparsed_uri.data != nullptr;
}

bool ScratchVariables::missed_assigned() const {
    const ngx_http_core_main_conf_t& main = core_main_conf(request_);
    for (ngx_uint_t i = 0; i < values_.size(); ++i) {
        if ((values_[i].valid || values_[i].not_found) && is_assigned(main, i)) {
            return true;
        }
    }
    return false;
}

bool names_assigned(ngx_http_request_t* r, const ngx_http_complex_value_t& text) {
    constexpr auto kEnd = static_cast<ngx_uint_t>(-1);
    const ngx_http_core_main_conf_t& main = core_main_conf(r);
    for (const ngx_uint_t* index = text.flushes; index != nullptr && *index != kEnd; ++index) {
        if (is_assigned(main, *index)) {
            return true;
        }
    }
    return false;
}

}  // namespace mcache::request
