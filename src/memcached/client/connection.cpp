#include "memcached/client/connection.h"

#include <algorithm>
#include <chrono>

#include "base/integer.h"
#include "memcached/client/client.h"
#include "memcached/client/server.h"
#include "memcached/protocol/command.h"
#include "ngx/clock.h"
#include "ngx/guard.h"
#include "ngx/text.h"

namespace mcache::net {

namespace {

constexpr std::size_t kReceiveBuffer = 64 * 1024;

// What is read beyond the end of a large value: the next one is likely to be as large, and what the
// buffer holds of it has to be copied.
constexpr std::size_t kBeyondLargeValue = 4 * 1024;

constexpr std::size_t kMaxIovecs = 64;

// So many times the pool's timeout a large value may take in all.
constexpr ngx_msec_t kTimeoutsOfLargeValue = 10;

template <void (Connection::*Method)()>
void event_handler(ngx_event_t* event) {
    static_cast<Connection*>(event->data)->handle(Method);
}

template <void (Connection::*Method)()>
void connection_event_handler(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    static_cast<Connection*>(c->data)->handle(Method);
}

std::uint64_t microseconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
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

Connection::Connection(Server& server, Role role) : server_(server), role_(role) {
    deadline_event_.data = this;
    deadline_event_.handler = event_handler<&Connection::on_deadline>;
    deadline_event_.log = ngx_cycle->log;
    turn_end_event_.data = this;
    turn_end_event_.handler = event_handler<&Connection::on_turn_end>;
    turn_end_event_.log = ngx_cycle->log;
}

Connection::~Connection() {
    close();
    if (turn_end_event_.posted) {
        ngx_delete_posted_event(&turn_end_event_);
    }
}

void Connection::submit(Operation* operation) noexcept {
    ++load_;
    waiting_.push(operation);
    post_turn_end();
}

void Connection::probe() noexcept {
    probing_ = true;
    post_turn_end();
}

void Connection::post_turn_end() noexcept {
    if (!turn_end_event_.posted) {
        ngx_post_event(&turn_end_event_, &ngx_posted_events);
    }
}

// The turn's events are done.
void Connection::on_turn_end() {
    const bool probing = std::exchange(probing_, false);
    const bool renewed = probing && state_ == State::Ready;
    if (state_ != State::Closed && load_ == 0 && (renewed || server_.away())) {
        close();
    }
    if (state_ == State::Closed && (probing || !waiting_.empty())) {
        open();
    }
    if (state_ == State::Ready) {
        compose_waiting();
    }
    flush();
    deliver();
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
    number_ = server_.client().number_connection();
    if (!buffer_) {
        buffer_ = std::make_unique<char[]>(kReceiveBuffer);
    }
    ngx_set_errno(0);
    const ngx_int_t rc = ngx_event_connect_peer(&peer_);
    if (rc != NGX_OK && rc != NGX_AGAIN) {
        peer_.connection = nullptr;
        fail_soon("connect() failed", ngx_errno);
        return;
    }
    peer_.connection->data = this;
    peer_.connection->idle = 1;
    watch();
    arm_deadline(greeted_by_);
    if (rc == NGX_OK) {
        connected();
    }
}

void Connection::watch() {
    ngx_connection_t* c = peer_.connection;
    c->read->handler = connection_event_handler<&Connection::on_readable>;
    c->write->handler = connection_event_handler<&Connection::on_writable>;
}

void Connection::connected() {
    if (!server_.options().is_unix) {
        int on = 1;
        (void)setsockopt(peer_.connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    if (server_.pool().tls.on) {
        secure();
    } else {
        greet();
    }
}

void Connection::fail_soon(std::string_view what, ngx_err_t err) {
    fault_ = what;
    fault_error_ = err;
    if (deadline_event_.timer_set) {
        ngx_del_timer(&deadline_event_);
    }
    arm_deadline(ngx_current_msec);
}

void Connection::arm_deadline(ngx_msec_t deadline) noexcept {
    const bool past = ngx::is_before(deadline, ngx_current_msec);
    ngx_add_timer(&deadline_event_, past ? 0 : deadline - ngx_current_msec);
}

void Connection::flush() {
    begin_latency();
    while (!out_.empty() && state_ != State::Closed && peer_.connection->write->ready) {
        struct iovec segments[kMaxIovecs];
        const std::size_t count = out_.fill(segments, kMaxIovecs);
        ngx_err_t err = 0;
        const ssize_t sent = write_from(segments, count, err);
        if (sent < 0) {
            if (err == NGX_EINTR) {
                continue;
            }
            if (err != NGX_EAGAIN) {
                lose("writing failed", err);
                return;
            }
            peer_.connection->write->ready = 0;
            if (ngx_handle_write_event(peer_.connection->write, 0) != NGX_OK) {
                fail(Outcome::Down, "cannot watch its socket");
            }
            return;
        }
        last_moved_ = ngx_current_msec;
        server_.cells().add<metrics::Server::SentBytes>(static_cast<std::size_t>(sent));
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
        connected();
    }
    if (state_ != State::Securing) {
        flush();
    }
}

void Connection::begin_latency() {
    if (timed_opaque_ == 0 && role_ != Role::Stats && timed_in_ != ngx_current_msec &&
        !out_.empty()) {
        timed_opaque_ = next_opaque_;
        timed_in_ = ngx_current_msec;
        timed_at_ = microseconds();
    }
}

// Of the command at the front, or of one before it that was never sent.
void Connection::measure_latency() {
    if (static_cast<std::int32_t>(in_flight_.front()->opaque - timed_opaque_) >= 0) {
        server_.latency().add(microseconds() - timed_at_);
        timed_opaque_ = 0;
    }
}

// With TLS a segment at a time.
ssize_t Connection::read_into(struct iovec* room, std::size_t count, ngx_err_t& err) {
    if (!secured()) {
        const ssize_t n = ::readv(peer_.connection->fd, room, static_cast<int>(count));
        err = n < 0 ? ngx_errno : 0;
        return n;
    }
    const ssize_t n = peer_.connection->recv(
        peer_.connection, static_cast<u_char*>(room[0].iov_base), room[0].iov_len);
    err = n == NGX_AGAIN ? NGX_EAGAIN : 0;
    return n;
}

ssize_t Connection::write_from(struct iovec* segments, std::size_t count, ngx_err_t& err) {
    if (!secured()) {
        const ssize_t n = ::writev(peer_.connection->fd, segments, static_cast<int>(count));
        err = n < 0 ? ngx_errno : 0;
        return n;
    }
    const ssize_t n = peer_.connection->send(
        peer_.connection, static_cast<u_char*>(segments[0].iov_base), segments[0].iov_len);
    err = n == NGX_AGAIN ? NGX_EAGAIN : 0;
    return n;
}

// A large value has as long as something of it moves, but for one that comes in drops.
ngx_msec_t Connection::deadline() const {
    const ngx_msec_t timeout = server_.pool().timeout;
    const Operation& front = *in_flight_.front();
    const ngx_msec_t quiet = last_moved_ + timeout;
    if (!front.bulk || !ngx::is_before(front.deadline, quiet)) {
        return front.deadline;
    }
    const ngx_msec_t whole = front_since_ + kTimeoutsOfLargeValue * timeout;
    return ngx::is_before(whole, quiet) ? whole : quiet;
}

void Connection::on_deadline() {
    if (state_ != State::Ready) {
        if (!fault_.empty()) {
            const std::string fault = std::exchange(fault_, {});
            fail(Outcome::Down, fault.c_str(), fault_error_);
        } else {
            fail(Outcome::Timeout, state_ == State::Connecting ? "connect() timed out"
                                   : state_ == State::Securing ? "no TLS handshake in time"
                                                               : unanswered_question());
        }
        return;
    }
    if (in_flight_.empty()) {
        return;
    }
    if (ngx::is_before(ngx_current_msec, deadline())) {
        arm_deadline(deadline());
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
    }
    if (state_ != State::Greeting && state_ != State::Ready) {
        return;
    }
    if (!receive()) {
        return;
    }
    if (peer_.connection != nullptr && load_ == 0 &&
        (ngx_exiting || ngx_terminate || server_.away())) {
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
        ngx_err_t err = 0;
        const ssize_t n = read_into(room, count, err);
        if (n < 0) {
            if (err == NGX_EINTR) {
                continue;
            }
            if (err != NGX_EAGAIN) {
                lose("reading failed", err);
                return false;
            }
            read->ready = 0;
            break;
        }
        if (n == 0) {
            lose("it closed the connection", 0);
            return false;
        }
        last_moved_ = ngx_current_msec;
        const auto size = static_cast<std::size_t>(n);
        server_.cells().add<metrics::Server::ReceivedBytes>(size);
        const std::size_t into_value = std::min(size, value_room);
        value_filled_ += into_value;
        end_ += size - into_value;

        Parse parsed = Parse::Ok;
        while (parsed == Parse::Ok) {
            parsed = parse();
            if (parsed == Parse::Invalid) {
                const std::string fault = std::exchange(fault_, {});
                if (out_of_step_) {
                    begin_anew(nullptr, 0);
                } else if (fault.empty()) {
                    fail(Outcome::Garbage, "its reply does not answer the command");
                } else {
                    fail(Outcome::Down, fault.c_str());
                }
                return false;
            }
            deliver();
        }
        if (!secured() && size < value_room + buffer_room && !read->pending_eof) {
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

void Connection::deliver() noexcept {
    OperationQueue done;
    done.append(answered_);
    if (std::exchange(heard_, false)) {
        server_.replied(role_);
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
    begin_anew(what, err);
}

// What is not answered is sent again over a new connection, but for what may be done only once, or
// has waited too long. `what` blames the server for that; null: it is not to blame.
void Connection::begin_anew(const char* what, ngx_err_t err) noexcept {
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
            operation->result = Result{};
            operation->result.server = &server_;
            submit(operation);
        } else {
            blame(std::exchange(what, nullptr), err);
            operation->result.outcome = Outcome::Down;
            server_.client().complete(operation);
        }
    }
}

// What was answered before the fault is good; everything else ends with `outcome`. `what`: as in
// begin_anew().
void Connection::fail(Outcome outcome, const char* what, ngx_err_t err) noexcept {
    OperationQueue lost;
    lost.append(in_flight_);
    lost.append(waiting_);
    close();
    deliver();
    blame(what, err);
    while (!lost.empty()) {
        Operation* operation = lost.pop();
        --load_;
        operation->result.outcome = outcome;
        server_.client().complete(operation);
    }
}

void Connection::blame(const char* what, ngx_err_t err) noexcept {
    if (what != nullptr) {
        server_.connection_failed(role_, what, err);
    }
}

// An exception is this process's fault, most likely for want of memory, and not the server's.
void Connection::handle(void (Connection::*handler)()) noexcept {
    try {
        (this->*handler)();
        return;
    } catch (const std::exception& error) {
        ngx::log_exception(error.what());
    } catch (...) {
        ngx::log_exception("not a std::exception");
    }
    fail(Outcome::Down, nullptr);
}

void Connection::close() noexcept {
    if (state_ == State::Ready) {
        server_.cells().sub<metrics::Server::Connections>();
    }
    state_ = State::Closed;
    timed_opaque_ = 0;
    served_ = false;
    fault_.clear();
    if (peer_.connection != nullptr) {
        ngx_pool_t* pool = peer_.connection->pool;
        end_tls(peer_.connection);
        ngx_close_connection(peer_.connection);
        peer_.connection = nullptr;
        if (pool != nullptr) {
            ngx_destroy_pool(pool);
        }
    }
    if (deadline_event_.timer_set) {
        ngx_del_timer(&deadline_event_);
    }
    out_.clear();
    begin_ = end_ = 0;
    in_value_ = large_ = out_of_step_ = false;
    value_ = BufferRef();
}

}  // namespace mcache::net
