#include "memcached/client/tls.h"

#include "ngx/text.h"

namespace mcache::net {

#if (NGX_SSL)

namespace {

constexpr ngx_int_t kVerifyDepth = 9;

const std::string& name_of(const TlsOptions& options, const std::string& host) {
    return options.name.empty() ? host : options.name;
}

bool is_address(const std::string& name) {
    in6_addr any;
    return inet_pton(AF_INET, name.c_str(), &any) == 1 ||
           inet_pton(AF_INET6, name.c_str(), &any) == 1;
}

// ngx_ssl_check_host() does not look at addresses.
bool certificate_names(ngx_connection_t* c, const std::string& name) {
    if (!is_address(name)) {
        ngx_str_t host = ngx::str(name);
        return ngx_ssl_check_host(c, &host) == NGX_OK;
    }
    X509* certificate = SSL_get_peer_certificate(c->ssl->connection);
    if (certificate == nullptr) {
        return false;
    }
    const bool names = X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
    X509_free(certificate);
    return names;
}

}  // namespace

bool has_tls() {
    return true;
}

const char* make_tls_context(ngx_conf_t* cf, TlsOptions& options) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_ssl_t));
    if (cleanup == nullptr) {
        return "tls";
    }
    auto* ssl = static_cast<ngx_ssl_t*>(cleanup->data);
    *ssl = ngx_ssl_t{};
    ssl->log = cf->log;
    if (ngx_ssl_create(ssl, NGX_SSL_TLSv1_2 | NGX_SSL_TLSv1_3, nullptr) != NGX_OK) {
        return "tls";
    }
    cleanup->handler = ngx_ssl_cleanup_ctx;
    options.context = ssl;
    if (!options.certificate.empty()) {
        ngx_str_t certificate = ngx::str(options.certificate);  // terminated, as nginx wants it
        ngx_str_t key = ngx::str(options.certificate_key);
        if (ngx_ssl_certificate(cf, ssl, &certificate, &key, nullptr) != NGX_OK) {
            return "tls_certificate";
        }
    }
    if (options.verify) {
        ngx_str_t trusted = ngx::str(options.trusted_certificate);
        if (ngx_ssl_trusted_certificate(cf, ssl, &trusted, kVerifyDepth) != NGX_OK) {
            return "tls_trusted_certificate";
        }
    }
    return ngx_ssl_client_session_cache(cf, ssl, 1) == NGX_OK ? nullptr : "tls";
}

TlsSession::~TlsSession() {
    if (session_ != nullptr) {
        ngx_ssl_free_session(static_cast<ngx_ssl_session_t*>(session_));
    }
}

void TlsSession::save(ngx_connection_t* c) {
    ngx_ssl_session_t* session = ngx_ssl_get_session(c);
    if (session == nullptr) {
        return;
    }
    if (session_ != nullptr) {
        ngx_ssl_free_session(static_cast<ngx_ssl_session_t*>(session_));
    }
    session_ = session;
}

void TlsSession::resume(ngx_connection_t* c) {
    if (session_ != nullptr) {
        (void)ngx_ssl_set_session(c, static_cast<ngx_ssl_session_t*>(session_));
    }
}

ngx_int_t begin_handshake(ngx_connection_t* c, const TlsOptions& options, const std::string& host,
                          TlsSession& session, void (*save_session)(ngx_connection_t*),
                          void (*done)(ngx_connection_t*)) {
    if (ngx_ssl_create_connection(options.context, c, NGX_SSL_CLIENT) != NGX_OK) {
        return NGX_ERROR;
    }
    const std::string& name = name_of(options, host);
    if (!is_address(name) && !name.starts_with('/') &&
        SSL_ctrl(c->ssl->connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(name.c_str())) == 0) {
        return NGX_ERROR;
    }
    c->ssl->save_session = save_session;
    session.resume(c);
    const ngx_int_t rc = ngx_ssl_handshake(c);
    if (rc == NGX_AGAIN) {
        c->ssl->handler = done;
    }
    return rc;
}

std::string handshake_fault(ngx_connection_t* c, const TlsOptions& options,
                            const std::string& host) {
    if (c->ssl == nullptr || !c->ssl->handshaked) {
        return "TLS handshake failed";
    }
    if (!options.verify) {
        return {};
    }
    const long verified = SSL_get_verify_result(c->ssl->connection);
    if (verified != X509_V_OK) {
        return std::string("its certificate does not verify: ") +
               X509_verify_cert_error_string(verified);
    }
    const std::string& name = name_of(options, host);
    return certificate_names(c, name) ? std::string()
                                      : "its certificate is not for \"" + name + "\"";
}

void end_tls(ngx_connection_t* c) {
    if (c->ssl != nullptr) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;
        (void)ngx_ssl_shutdown(c);
    }
}

#else

bool has_tls() {
    return false;
}

const char* make_tls_context(ngx_conf_t*, TlsOptions&) {
    return "tls";
}

TlsSession::~TlsSession() = default;

void TlsSession::save(ngx_connection_t*) {}

void TlsSession::resume(ngx_connection_t*) {}

ngx_int_t begin_handshake(ngx_connection_t*, const TlsOptions&, const std::string&, TlsSession&,
                          void (*)(ngx_connection_t*), void (*)(ngx_connection_t*)) {
    return NGX_ERROR;
}

std::string handshake_fault(ngx_connection_t*, const TlsOptions&, const std::string&) {
    return "nginx was built without TLS";
}

void end_tls(ngx_connection_t*) {}

#endif

}  // namespace mcache::net
