#pragma once

// nginx remembers the value of a variable for the whole request. Here a key is evaluated beside
// that: the request's variables, regular expression captures and target are put aside, and put back
// when the object goes. What is evaluated meanwhile is seen by no log and no other directive.

#include <string_view>
#include <vector>

#include "ngx/api.h"

namespace mcache::request {

class ScratchVariables {
  public:
    // Begins with what the request's variables say, but $request_method, which says GET.
    explicit ScratchVariables(ngx_http_request_t* r);
    ~ScratchVariables();
    ScratchVariables(const ScratchVariables&) = delete;
    ScratchVariables& operator=(const ScratchVariables&) = delete;

    // From now on each variable is evaluated anew, for a request with this target (RFC 9112,
    // section 3.2.1). False when there is no memory.
    bool ask_for(std::string_view target);
    // The same for a subrequest, as if it had come from a client.
    bool ask_for_itself();

    // Whether something has asked since for a variable that only the rewrite phase can give its
    // value.
    bool missed_assigned() const;

  private:
    void forget();

    ngx_http_request_t* request_;
    ngx_http_variable_value_t* const variables_;
    const ngx_str_t unparsed_uri_;
    const ngx_str_t uri_;
    const ngx_str_t args_;
    const ngx_uint_t method_;
    const ngx_str_t method_name_;
    std::vector<ngx_http_variable_value_t> values_;
#if (NGX_PCRE)
    const ngx_uint_t ncaptures_;
    int* const captures_;
    u_char* const captures_data_;
    std::vector<int> offsets_;
#endif
};

// Whether a variable of the text is given its value by `set` in the rewrite phase.
bool names_assigned(ngx_http_request_t* r, const ngx_http_complex_value_t& text);

}  // namespace mcache::request
