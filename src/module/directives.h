#pragma once

#include "ngx/api.h"

namespace mcache::module {

// The directive table, which scripts/reference makes from directives.json.
extern ngx_command_t directives[];

void* create_main_conf(ngx_conf_t* cf);
void* create_location_conf(ngx_conf_t* cf);
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child);

// Every pool that a location names must have its block.
ngx_int_t check_pools(ngx_conf_t* cf);

}  // namespace mcache::module
