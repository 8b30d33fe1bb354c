// What nginx's loader looks up in a dynamic module. CMake's build alone compiles this: nginx's own
// ./configure generates the same.

#include "ngx/api.h"

#define MCACHE_EXPORT __attribute__((visibility("default")))

extern "C" {

extern MCACHE_EXPORT ngx_module_t* ngx_modules[];
extern MCACHE_EXPORT char* ngx_module_names[];
extern MCACHE_EXPORT char* ngx_module_order[];

static char name[] = "ngx_http_mcache_module";
static char late[] = "ngx_http_mcache_late_filter_module";
static char range[] = "ngx_http_range_header_filter_module";

ngx_module_t* ngx_modules[] = {&ngx_http_mcache_module, &ngx_http_mcache_late_filter_module,
                               nullptr};
char* ngx_module_names[] = {name, late, nullptr};
// Nothing stands behind our own name: the filters come first, before not_modified and range_body.
// The late one comes when range_header has been, and before what writes the header.
char* ngx_module_order[] = {late, range, name, nullptr};
}
