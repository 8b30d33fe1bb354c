#pragma once

// The lines of a mcache_pool block that say how its servers are spoken to in private.

#include "ngx/api.h"
#include "request/conf.h"

namespace mcache::module {

char* read_auth_file(ngx_conf_t* cf, request::Pool& pool);
char* read_tls(ngx_conf_t* cf, request::Pool& pool);
char* read_tls_verify(ngx_conf_t* cf, request::Pool& pool);
char* read_tls_trusted_certificate(ngx_conf_t* cf, request::Pool& pool);
char* read_tls_name(ngx_conf_t* cf, request::Pool& pool);
char* read_tls_certificate(ngx_conf_t* cf, request::Pool& pool);
char* read_tls_certificate_key(ngx_conf_t* cf, request::Pool& pool);

// When the whole block is read: whether the lines about TLS go together; reads the certificates.
char* finish_tls(ngx_conf_t* cf, net::PoolOptions& options);

}  // namespace mcache::module
