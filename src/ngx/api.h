#pragma once

// The only place that includes nginx. nginx's headers are C, define CR, LF and CRLF as macros and
// know nothing of C++: standard headers that they pull in come first, outside `extern "C"`.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-parameter"
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_event_connect.h>
#include <ngx_http.h>
}
#pragma GCC diagnostic pop

#undef CR
#undef LF
#undef CRLF

extern "C" ngx_module_t ngx_http_mcache_module;
extern "C" ngx_module_t ngx_http_mcache_late_filter_module;
