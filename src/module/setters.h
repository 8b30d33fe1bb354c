#pragma once

// What reads one directive each, as nginx calls it: the words are in cf->args, `conf` is the
// LocationConf. NGX_CONF_OK, or the refusal, already logged.

#include "ngx/api.h"

namespace mcache::module {

char* set_pool(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_ignore(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_format(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_valid(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_methods(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_ignore_headers(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_max_size(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_use_stale(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_keep_stale(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_lock_timeout(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_lock_age(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_lock_waiters(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_min_uses(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_max_range_offset(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_targeted(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_early_refresh(ngx_conf_t* cf, ngx_command_t*, void* conf);
char* set_local(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_heuristic(ngx_conf_t* cf, ngx_command_t* command, void* conf);

// Names that a proxy_cache configuration leads to and mcache does not have: refused with what to
// write instead.
char* refuse_path(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* refuse_no_cache(ngx_conf_t* cf, ngx_command_t* command, void* conf);

}  // namespace mcache::module
