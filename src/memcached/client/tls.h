#pragma once

// TLS towards memcached, by nginx's own wrapper of OpenSSL.

#include <string>

#include "ngx/api.h"

namespace mcache::net {

// As configured. Lives in the cycle.
struct TlsOptions {
    bool on = false;
    bool verify = true;
    std::string name;  // for SNI and verification; empty: the server's host as it was written
    std::string trusted_certificate;
    std::string certificate;
    std::string certificate_key;
    ngx_ssl_t* context = nullptr;  // in the cycle's pool
};

// Whether nginx was built with OpenSSL.
bool has_tls();

// Reads the certificates. The line of the pool block whose file cannot be used, which nginx has
// then said why; null when all is well.
const char* make_tls_context(ngx_conf_t* cf, TlsOptions& options);

// The session of a server's last handshake, for the next one.
class TlsSession {
  public:
    TlsSession() = default;
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    void save(ngx_connection_t* c);
    void resume(ngx_connection_t* c);

  private:
    void* session_ = nullptr;
};

// Begins a handshake as a client on a connection with a pool; as ngx_ssl_handshake().
// `save_session` is called with the connection whenever there is a session to keep.
ngx_int_t begin_handshake(ngx_connection_t* c, const TlsOptions& options, const std::string& host,
                          TlsSession& session, void (*save_session)(ngx_connection_t*),
                          void (*done)(ngx_connection_t*));

// What is wrong with the handshake that has ended and with the certificate that came; empty:
// nothing.
std::string handshake_fault(ngx_connection_t* c, const TlsOptions& options,
                            const std::string& host);

// Before the connection is closed. Sends nothing.
void end_tls(ngx_connection_t* c);

}  // namespace mcache::net
