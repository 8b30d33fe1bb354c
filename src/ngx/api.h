#pragma once

// The only place that includes nginx. nginx's headers are C, define CR, LF and CRLF as macros and
// know nothing of C++: standard headers that they pull in come first, outside `extern "C"`.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>

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

// Types whose size depends on macros that nginx defines before it includes anything, and we on the
// compiler's command line: were they not the same, every struct behind one would be read wrongly.
static_assert(std::numeric_limits<off_t>::max() == NGX_MAX_OFF_T_VALUE,
              "compile with -D_FILE_OFFSET_BITS=64, as nginx is");
static_assert(sizeof(time_t) == NGX_TIME_T_SIZE, "compile with nginx's -D_TIME_BITS");

extern "C" ngx_module_t ngx_http_mcache_module;
extern "C" ngx_module_t ngx_http_mcache_late_filter_module;
