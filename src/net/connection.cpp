#include "net/connection.h"

#include <algorithm>

#include "base/integer.h"
#include "memcached/command.h"
#include "net/client.h"
#include "net/server.h"
#include "ngx/guard.h"
#include "ngx/text.h"

namespace mcache::net {

namespace {

constexpr std::size_t kReceiveBuffer = 64 * 1024;

// What is read beyond the end of a large value: the next one is likely to be as large, and what the
// buffer holds of it has to be copied.
constexpr std::size_t kBeyondLargeValue = 4 * 1024;

constexpr std::size_t kMaxIovecs = 64;

template <void (Connection::*Method)()>
void event_handler(ngx_event_t* event) {
    (static_cast<Connection*>(event->data)->*Method)();
}

template <void (Connection::*Method)()>
void connection_event_handler(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    (static_cast<Connection*>(c->data)->*Method)();
}

// nginx's own messages about these sockets would repeat, one a probe, what Server says once.
ngx_log_t* quiet_log() {
    static ngx_log_t log;
    log = *ngx_cycle->log;
    log.log_level = 0;
    log.next = nullptr;
    return &log;
}

}  // namespace

Connection::Connection(Server& server) : server_(server) {
    deadline_event_.data = this;
    deadline_event_.handler = ngx::Guard<event_handler<&Connection::on_deadline>>::call;
    deadline_event_.log = ngx_cycle->log;
    flush_event_.data = this;
    flush_event_.handler = ngx::Guard<event_handler<&Connection::on_flush>>::call;
    flush_event_.log = ngx_cycle->log;
}

Connection::~Connection() {
    close();
}

void Connection::submit(Operation* operation) {
    ++load_;
    if (state_ == State::Ready) {
        compose(operation);
        post_flush();
        return;
    }
    waiting_.push(operation);
    if (state_ == State::Closed) {
        open();
    }
}

void Connection::probe() {
    if (state_ == State::Ready && load_ == 0) {
        close();
    }
    if (state_ == State::Closed) {
        open();
    }
}

void Connection::open() {
    manners_ = Manners::AskAll;
    greeted_by_ = ngx_current_msec + server_.pool().connect_timeout;
    connect();
}

void Connection::connect() {
    const ServerOptions& options = server_.options();
    peer_name_ = ngx::str(options.name);
    peer_ = ngx_peer_connection_t{};
    peer_.sockaddr = reinterpret_cast<sockaddr*>(const_cast<char*>(options.address.data()));
    peer_.socklen = static_cast<socklen_t>(options.address.size());
    peer_.name = &peer_name_;
    peer_.get = ngx_event_get_peer;
    peer_.log = quiet_log();

    state_ = State::Connecting;
    if (!buffer_) {
        buffer_ = std::make_unique<char[]>(kReceiveBuffer);
    }
    ngx_set_errno(0);
    const ngx_int_t rc = ngx_event_connect_peer(&peer_);
    if (rc != NGX_OK && rc != NGX_AGAIN) {
        // Not from within submit(): whoever asked is not ready to be answered yet.
        peer_.connection = nullptr;
        connect_error_ = ngx_errno;
        arm_deadline(ngx_current_msec);
        return;
    }
    ngx_connection_t* c = peer_.connection;
    c->data = this;
    c->idle = 1;
    c->read->handler = ngx::Guard<connection_event_handler<&Connection::on_readable>>::call;
    c->write->handler = ngx::Guard<connection_event_handler<&Connection::on_writable>>::call;
    arm_deadline(greeted_by_);
    if (rc == NGX_OK) {
        greet();
    }
}

void Connection::arm_deadline(ngx_msec_t deadline) {
    const auto left = static_cast<ngx_msec_int_t>(deadline - ngx_current_msec);
    ngx_add_timer(&deadline_event_, static_cast<ngx_msec_t>(left > 0 ? left : 0));
}

// Commands of one turn leave together: the flush runs when the turn's events are done.
void Connection::post_flush() {
    if (!flush_event_.posted) {
        ngx_post_event(&flush_event_, &ngx_posted_events);
    }
}

void Connection::on_flush() {
    flush();
    if (!answered_.empty()) {
        deliver();
    }
}

void Connection::flush() {
    for (Operation* operation : unsent_) {
        server_.client().forget(operation);
    }
    unsent_.clear();
    while (!out_.empty() && state_ != State::Closed && peer_.connection->write->ready) {
        struct iovec segments[kMaxIovecs];
        const std::size_t count = out_.fill(segments, kMaxIovecs);
        const ssize_t sent = ::writev(peer_.connection->fd, segments, static_cast<int>(count));
        if (sent < 0) {
            const ngx_err_t err = ngx_errno;
            if (err == NGX_EINTR) {
                continue;
            }
            if (err != NGX_EAGAIN) {
                lose("writev() failed", err);
                return;
            }
            peer_.connection->write->ready = 0;
            if (ngx_handle_write_event(peer_.connection->write, 0) != NGX_OK) {
                fail(Outcome::Down, "cannot watch its socket");
            }
            return;
        }
        out_.consume(static_cast<std::size_t>(sent));
    }
}

void Connection::on_writable() {
    if (state_ == State::Connecting) {
        int err = 0;
        socklen_t size = sizeof(err);
        if (getsockopt(peer_.connection->fd, SOL_SOCKET, SO_ERROR, &err, &size) == -1) {
            err = ngx_errno;
        }
        if (err != 0) {
            fail(Outcome::Down, "connect() failed", err);
            return;
        }
        greet();
    }
    flush();
}

void Connection::on_deadline() {
    if (state_ != State::Ready) {
        if (peer_.connection == nullptr) {
            fail(Outcome::Down, "connect() failed", connect_error_);
        } else {
            fail(Outcome::Timeout, state_ == State::Connecting
                                       ? "connect() timed out"
                                       : "no answer to \"version\" in time");
        }
        return;
    }
    if (in_flight_.empty()) {
        return;
    }
    const ngx_msec_t deadline = in_flight_.front()->deadline;
    if (static_cast<ngx_msec_int_t>(deadline - ngx_current_msec) > 0) {
        arm_deadline(deadline);
        return;
    }
    fail(Outcome::Timeout, "no reply in time");
}

void Connection::on_readable() {
    if (peer_.connection->close && load_ == 0) {  // nginx closes idle connections: a shutdown
        close();
        return;
    }
    if (state_ == State::Connecting) {
        on_writable();
        if (state_ != State::Greeting) {
            return;
        }
    }
    if (!receive()) {
        return;
    }
    if (peer_.connection != nullptr && load_ == 0 && (ngx_exiting || ngx_terminate)) {
        close();
    }
}

// Reads, parses and delivers until the socket is drained: a value is sent to its client while it is
// in the processor's cache, and its memory serves the next. False when the connection broke; then
// everything has been answered.
bool Connection::receive() {
    ngx_event_t* read = peer_.connection->read;
    for (;;) {
        if (begin_ != 0) {
            std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        struct iovec room[2];
        std::size_t count = 0;
        std::size_t value_room = 0;
        if (in_value_ && value_ && end_ == 0) {
            value_room = value_size_ - value_filled_;
            if (value_room != 0) {
                room[count++] = {value_->data() + value_filled_, value_room};
            }
        }
        const std::size_t buffer_room =
            std::min(kReceiveBuffer - end_, large_ ? kBeyondLargeValue : kReceiveBuffer);
        room[count++] = {buffer_.get() + end_, buffer_room};
        const ssize_t n = ::readv(peer_.connection->fd, room, static_cast<int>(count));
        if (n < 0) {
            const ngx_err_t err = ngx_errno;
            if (err == NGX_EINTR) {
                continue;
            }
            if (err != NGX_EAGAIN) {
                lose("readv() failed", err);
                return false;
            }
            read->ready = 0;
            break;
        }
        if (n == 0) {
            lose("it closed the connection", 0);
            return false;
        }
        const auto size = static_cast<std::size_t>(n);
        const std::size_t into_value = std::min(size, value_room);
        value_filled_ += into_value;
        end_ += size - into_value;

        Parse parsed = Parse::Ok;
        while (parsed == Parse::Ok) {
            parsed = parse();
            if (parsed == Parse::Invalid) {
                fail(Outcome::Garbage, "its reply does not answer the command");
                return false;
            }
            deliver();
        }
        if (size < value_room + buffer_room && !read->pending_eof) {
            read->ready = 0;
            break;
        }
    }
    if (ngx_handle_read_event(read, 0) != NGX_OK) {
        fail(Outcome::Down, "cannot watch its socket");
        return false;
    }
    return true;
}

// Completing an operation runs requests, which may submit to this connection, but never close it.
void Connection::deliver() {
    OperationQueue done;
    done.append(answered_);
    if (std::exchange(heard_, false)) {
        server_.replied();
    }
    while (!done.empty()) {
        Operation* operation = done.pop();
        --load_;
        server_.client().complete(operation);
    }
}

// The server ended the connection. What was answered before is good. An idle connection may end;
// one that has served gets a second try for what was on its way, as nginx does with kept
// connections: the server may just have been restarted.
void Connection::lose(const char* what, ngx_err_t err) {
    if (retreat()) {
        return;
    }
    const bool idle = state_ == State::Ready && in_flight_.empty() && waiting_.empty();
    if (!served_ && !idle) {
        fail(Outcome::Down, what, err);
        return;
    }
    bool gave_up = false;
    OperationQueue unanswered;
    unanswered.append(in_flight_);
    unanswered.append(waiting_);
    close();
    deliver();
    while (!unanswered.empty()) {
        Operation* operation = unanswered.pop();
        --load_;
        const bool in_time = ngx_current_msec - operation->submitted < server_.pool().timeout;
        if (in_time && operation->repeatable()) {
            submit(operation);
        } else {
            if (!std::exchange(gave_up, true)) {
                server_.connection_failed(what, err);
            }
            operation->answer.outcome = Outcome::Down;
            server_.client().complete(operation);
        }
    }
}

// What was answered before the fault is good; everything else ends with `outcome`.
void Connection::fail(Outcome outcome, const char* what, ngx_err_t err) {
    OperationQueue lost;
    lost.append(in_flight_);
    lost.append(waiting_);
    close();
    deliver();
    server_.connection_failed(what, err);
    while (!lost.empty()) {
        Operation* operation = lost.pop();
        --load_;
        operation->answer.outcome = outcome;
        server_.client().complete(operation);
    }
}

void Connection::close() {
    state_ = State::Closed;
    served_ = false;
    if (peer_.connection != nullptr) {
        ngx_close_connection(peer_.connection);
        peer_.connection = nullptr;
    }
    if (deadline_event_.timer_set) {
        ngx_del_timer(&deadline_event_);
    }
    if (flush_event_.posted) {
        ngx_delete_posted_event(&flush_event_);
    }
    out_.clear();
    unsent_.clear();
    begin_ = end_ = 0;
    in_value_ = large_ = false;
    value_ = BufferRef();
}

}  // namespace mcache::net
