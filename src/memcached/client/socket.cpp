#include "memcached/client/socket.h"

#include "memcached/client/server.h"
#include "memcached/client/tls.h"
#include "ngx/text.h"

namespace mcache::net {

namespace {

// nginx's own messages about these sockets would repeat, one a probe, what Server says once.
ngx_log_t* quiet_log() {
    static ngx_log_t log;
    log = *ngx_cycle->log;
    log.log_level = 0;
    log.next = nullptr;
    return &log;
}

}  // namespace

ngx_int_t Socket::connect(const ServerOptions& server, void* data, ngx_err_t& err) {
    name_ = ngx::str(server.name);
    peer_ = ngx_peer_connection_t{};
    peer_.sockaddr = reinterpret_cast<sockaddr*>(const_cast<char*>(server.address.data()));
    peer_.socklen = static_cast<socklen_t>(server.address.size());
    peer_.name = &name_;
    peer_.get = ngx_event_get_peer;
    peer_.log = quiet_log();
    ngx_set_errno(0);
    const ngx_int_t rc = ngx_event_connect_peer(&peer_);
    if (rc != NGX_OK && rc != NGX_AGAIN) {
        peer_.connection = nullptr;
        err = ngx_errno;
        return NGX_ERROR;
    }
    peer_.connection->data = data;
    peer_.connection->idle = 1;
    return rc;
}

ngx_err_t Socket::connect_error() const {
    int err = 0;
    socklen_t size = sizeof(err);
    const int rc = getsockopt(connection()->fd, SOL_SOCKET, SO_ERROR, &err, &size);
    return rc == -1 ? ngx_errno : err;
}

void Socket::send_at_once() {
    int on = 1;
    (void)setsockopt(connection()->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void Socket::watch(ngx_event_handler_pt readable, ngx_event_handler_pt writable) {
    connection()->read->handler = readable;
    connection()->write->handler = writable;
}

ssize_t Socket::read(struct iovec* room, std::size_t count, ngx_err_t& err) {
    ngx_connection_t* c = connection();
    if (!secured()) {
        const ssize_t n = ::readv(c->fd, room, static_cast<int>(count));
        err = n < 0 ? ngx_errno : 0;
        return n;
    }
    const ssize_t n = c->recv(c, static_cast<u_char*>(room[0].iov_base), room[0].iov_len);
    err = n == NGX_AGAIN ? NGX_EAGAIN : 0;
    return n;
}

ssize_t Socket::write(struct iovec* segments, std::size_t count, ngx_err_t& err) {
    ngx_connection_t* c = connection();
    if (!secured()) {
        const ssize_t n = ::writev(c->fd, segments, static_cast<int>(count));
        err = n < 0 ? ngx_errno : 0;
        return n;
    }
    const ssize_t n = c->send(c, static_cast<u_char*>(segments[0].iov_base), segments[0].iov_len);
    err = n == NGX_AGAIN ? NGX_EAGAIN : 0;
    return n;
}

bool Socket::await_readable() {
    return ngx_handle_read_event(connection()->read, 0) == NGX_OK;
}

bool Socket::await_writable() {
    connection()->write->ready = 0;
    return ngx_handle_write_event(connection()->write, 0) == NGX_OK;
}

void Socket::close() noexcept {
    if (!open()) {
        return;
    }
    ngx_pool_t* pool = connection()->pool;
    end_tls(connection());
    ngx_close_connection(connection());
    peer_.connection = nullptr;
    if (pool != nullptr) {
        ngx_destroy_pool(pool);
    }
}

}  // namespace mcache::net
