#pragma once

// A socket to a memcached server, plain or with TLS, in nginx's event loop.

#include <sys/uio.h>

#include "ngx/api.h"

namespace mcache::net {

struct ServerOptions;

class Socket {
  public:
    Socket() = default;
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    bool open() const { return peer_.connection != nullptr; }
    bool secured() const { return connection()->ssl != nullptr; }
    // nginx closes idle connections where it is to exit.
    bool to_be_closed() const { return connection()->close; }
    ngx_connection_t* connection() const { return peer_.connection; }

    // NGX_OK; NGX_AGAIN: it becomes writable when it is known, see connect_error(); else `err` says
    // why. `data` is the connection's for the handlers of its events.
    ngx_int_t connect(const ServerOptions& server, void* data, ngx_err_t& err);
    ngx_err_t connect_error() const;
    void send_at_once();  // TCP_NODELAY

    // Whom nginx tells of events; a TLS handshake has others until it has ended.
    void watch(ngx_event_handler_pt readable, ngx_event_handler_pt writable);

    // Both as the system calls, with TLS for one segment at a time; err is set where less than 0
    // comes back.
    ssize_t read(struct iovec* room, std::size_t count, ngx_err_t& err);
    ssize_t write(struct iovec* segments, std::size_t count, ngx_err_t& err);

    // All that has come was read, or nothing more can be sent now. False: nginx cannot wait for it.
    bool await_readable();
    bool await_writable();

    void close() noexcept;

  private:
    ngx_peer_connection_t peer_{};
    ngx_str_t name_{};
};

}  // namespace mcache::net
