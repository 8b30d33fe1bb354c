#include "memcached/client/connection.h"

#include <utility>

#include "memcached/client/client.h"
#include "memcached/client/server.h"
#include "memcached/client/tls.h"
#include "memcached/protocol/version.h"
#include "ngx/clock.h"
#include "ngx/guard.h"

namespace mcache::net {

namespace {

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

void save_session(ngx_connection_t* c) {
    static_cast<Connection*>(c->data)->on_session();
}

void end_handshake(ngx_connection_t* c) {
    static_cast<Connection*>(c->data)->handle(&Connection::on_handshake);
}

}  // namespace

Connection::Connection(Server& server, Role role)
    : server_(server),
      role_(role),
      greeting_(server.pool().auth),
      meta_(server, out_),
      classic_(server, out_),
      stats_(server, out_) {
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
    greeting_.reset();
    ready_by_ = ngx_current_msec + server_.pool().connect_timeout;
    connect();
}

void Connection::connect() {
    state_ = State::Connecting;
    number_ = server_.client().number_connection();
    if (!buffer_) {
        buffer_ = std::make_unique<char[]>(kReceiveBuffer);
    }
    ngx_err_t err = 0;
    const ngx_int_t rc = socket_.connect(server_.options(), this, err);
    if (rc == NGX_ERROR) {
        fail_soon("connect() failed", err);
        return;
    }
    watch();
    arm_deadline(ready_by_);
    if (rc == NGX_OK) {
        connected();
    }
}

void Connection::watch() {
    socket_.watch(connection_event_handler<&Connection::on_readable>,
                  connection_event_handler<&Connection::on_writable>);
}

void Connection::connected() {
    if (!server_.options().is_unix) {
        socket_.send_at_once();
    }
    if (server_.pool().tls.on) {
        secure();
    } else {
        greet();
    }
}

void Connection::secure() {
    ngx_connection_t* c = socket_.connection();
    state_ = State::Securing;
    c->pool = ngx_create_pool(NGX_MIN_POOL_SIZE, c->log);
    if (c->pool == nullptr) {
        fail_soon("no memory for TLS");
        return;
    }
    const ngx_int_t rc = begin_handshake(c, server_.pool().tls, server_.options().written,
                                         server_.tls_session(), save_session, end_handshake);
    if (rc != NGX_AGAIN) {
        on_handshake();
    }
}

void Connection::on_session() noexcept {
    server_.tls_session().save(socket_.connection());
}

void Connection::on_handshake() {
    ngx_connection_t* c = socket_.connection();
    watch();
    const std::string fault = handshake_fault(c, server_.pool().tls, server_.options().written);
    if (!fault.empty()) {
        fail_soon(fault);
        return;
    }
    greet();
    if (c->read->ready && !c->read->posted) {
        ngx_post_event(c->read, &ngx_posted_events);
    }
}

void Connection::greet() {
    state_ = State::Greeting;
    greeting_.begin(out_);
    post_turn_end();
}

void Connection::ready() {
    classic_.begin(!greeting_.version().empty());
    report_dialect();
    state_ = State::Ready;
    // A worker that is to exit has its idle connections closed by nginx, which says nothing of the
    // server: what it was told over them still holds for the fills that it has left.
    made_ = ngx_exiting ? server_.client().connections_established()
                        : server_.client().count_established();
    server_.cells().add<metrics::Server::Connections>();
    server_.cells().add<metrics::Server::Connects>();
    heard_ = true;
    post_turn_end();
}

void Connection::report_dialect() {
    if (greeting_.speaks_meta()) {
        server_.found(Lack::Meta);
    } else if (role_ != Role::Stats && server_.is_news(Lack::Meta)) {
        const std::string_view version = greeting_.version();
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "mcache: memcached %s says version \"%*s\"%s: classic text protocol",
                      server_.name().c_str(), version.size(), version.data(),
                      memcached::speaks_meta(version) ? " but does not know \"mn\"" : "");
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

void Connection::on_writable() {
    if (state_ == State::Connecting) {
        const ngx_err_t err = socket_.connect_error();
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
            fail(Outcome::Timeout, timed_out());
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

const char* Connection::timed_out() const {
    switch (state_) {
        case State::Connecting:
            return "connect() timed out";
        case State::Securing:
            return "no TLS handshake in time";
        default:
            return greeting_.no_answer();
    }
}

void Connection::on_readable() {
    if (socket_.to_be_closed() && load_ == 0) {
        close();
        return;
    }
    if (state_ == State::Connecting) {
        on_writable();
    }
    if (state_ != State::Greeting && state_ != State::Ready) {
        return;
    }
    receive();
    if (socket_.open() && load_ == 0 && (ngx_exiting || ngx_terminate || server_.away())) {
        close();
    }
}

// The server ended the connection. What was answered before is good. An idle connection may end;
// one that has served gets a second try for what was on its way, as nginx does with kept
// connections: the server may just have been restarted.
void Connection::lose(const char* what, ngx_err_t err) {
    if (reconnect()) {
        return;
    }
    const bool idle = state_ == State::Ready && in_flight_.empty() && waiting_.empty();
    if (!served_ && !idle) {
        fail(Outcome::Down, what, err);
        return;
    }
    begin_anew(what, err);
}

// The server ended the connection in answer to a question of the greeting: it is opened again, and
// the question left out.
bool Connection::reconnect() {
    if (state_ != State::Greeting || !greeting_.leave_question_out()) {
        return false;
    }
    close();
    connect();
    return true;
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
    latency_probe_.cancel();
    served_ = false;
    fault_.clear();
    socket_.close();
    if (deadline_event_.timer_set) {
        ngx_del_timer(&deadline_event_);
    }
    out_.clear();
    begin_ = end_ = 0;
    out_of_step_ = false;
    value_.clear();
}

}  // namespace mcache::net
