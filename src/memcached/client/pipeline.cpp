// What goes over a connection: operations that its dialect composes, and the replies to them.

#include <algorithm>
#include <cstring>
#include <utility>

#include "memcached/client/client.h"
#include "memcached/client/connection.h"
#include "memcached/client/server.h"
#include "memcached/protocol/content_mark.h"
#include "memcached/protocol/reply.h"

namespace mcache::net {

namespace {

// What is read beyond the end of a large value: the next one is likely to be as large, and what the
// buffer holds of it has to be copied.
constexpr std::size_t kBeyondLargeValue = 4 * 1024;

constexpr std::size_t kMaxIovecs = 64;

}  // namespace

void Connection::compose_waiting() noexcept {
    while (!waiting_.empty()) {
        Operation* operation = waiting_.pop();
        server_.client().forget(operation);
        operation->opaque = ++next_opaque_;
        if (compose(*operation)) {
            expect_reply(operation);
        } else {
            answered_.push(operation);
        }
    }
}

// False when nothing of it is to be sent, and the answer says why.
bool Connection::compose(Operation& operation) noexcept {
    const std::size_t before = out_.size();
    operation.dialect = &dialect_of(operation);
    operation.result.life = server_.client().connections_established();
    if (!operation.fits_life_of(made_) &&
        !memcached::is_content_mark(operation.condition().value_or(0))) {
        operation.result.outcome = Outcome::Missing;
        return false;
    }
    try {
        if (operation.dialect->compose(operation)) {
            return true;
        }
        // The key was made legal before it came here: the server does not know the command.
        operation.result.outcome =
            operation.kind == Operation::Kind::Store ? Outcome::Down : Outcome::Missing;
    } catch (const std::bad_alloc&) {
        operation.result.outcome = Outcome::Down;
    }
    out_.truncate(before);
    return false;
}

Dialect& Connection::dialect_of(const Operation& operation) {
    if (operation.kind == Operation::Kind::Stats) {
        return stats_;
    }
    if (greeting_.speaks_meta() && !server_.lacks(Lack::Cas)) {
        return meta_;
    }
    return classic_;
}

void Connection::expect_reply(Operation* operation) noexcept {
    operation->deadline = ngx_current_msec + server_.pool().timeout;
    if (in_flight_.empty()) {
        front_since_ = ngx_current_msec;
    }
    in_flight_.push(operation);
    if (!deadline_event_.timer_set) {
        arm_deadline(operation->deadline);
    }
}

Operation* Connection::take_front() noexcept {
    front_since_ = ngx_current_msec;
    return in_flight_.pop();
}

void Connection::flush() {
    if (role_ != Role::Stats && !out_.empty()) {
        latency_probe_.begin(next_opaque_);
    }
    while (!out_.empty() && state_ != State::Closed && socket_.connection()->write->ready) {
        struct iovec segments[kMaxIovecs];
        const std::size_t count = out_.fill(segments, kMaxIovecs);
        ngx_err_t err = 0;
        const ssize_t sent = socket_.write(segments, count, err);
        if (sent < 0) {
            if (err == NGX_EINTR) {
                continue;
            }
            if (err != NGX_EAGAIN) {
                lose("writing failed", err);
                return;
            }
            if (!socket_.await_writable()) {
                fail(Outcome::Down, "cannot watch its socket");
            }
            return;
        }
        last_moved_ = ngx_current_msec;
        server_.cells().add<metrics::Server::SentBytes>(static_cast<std::size_t>(sent));
        out_.consume(static_cast<std::size_t>(sent));
    }
}

// Reads, parses and delivers until the socket is drained: a value is sent to its client while it is
// in the processor's cache, and its memory serves the next. Where the connection breaks, everything
// has been answered.
void Connection::receive() {
    ngx_int_t rc = NGX_OK;
    while (rc == NGX_OK) {
        rc = receive_some();
    }
    if (rc == NGX_AGAIN && !socket_.await_readable()) {
        fail(Outcome::Down, "cannot watch its socket");
    }
}

// One read. NGX_AGAIN: the socket is drained; NGX_ERROR: the connection broke.
ngx_int_t Connection::receive_some() {
    ngx_event_t* read = socket_.connection()->read;
    if (begin_ != 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= std::exchange(begin_, 0);
    }
    struct iovec room[2];
    std::size_t count = 0;
    const std::size_t value_room = end_ == 0 ? value_.room() : 0;
    if (value_room != 0) {
        room[count++] = {value_.place(), value_room};
    }
    const std::size_t buffer_room =
        std::min(kReceiveBuffer - end_, value_.large() ? kBeyondLargeValue : kReceiveBuffer);
    room[count++] = {buffer_.get() + end_, buffer_room};
    ngx_err_t err = 0;
    const ssize_t n = socket_.read(room, count, err);
    if (n < 0 && err == NGX_EINTR) {
        return NGX_OK;
    }
    if (n < 0 && err == NGX_EAGAIN) {
        read->ready = 0;
        return NGX_AGAIN;
    }
    if (n <= 0) {
        lose(n < 0 ? "reading failed" : "it closed the connection", err);
        return NGX_ERROR;
    }
    last_moved_ = ngx_current_msec;
    const auto size = static_cast<std::size_t>(n);
    server_.cells().add<metrics::Server::ReceivedBytes>(size);
    const std::size_t into_value = std::min(size, value_room);
    value_.received(into_value);
    end_ += size - into_value;
    if (!parse_received()) {
        return NGX_ERROR;
    }
    if (!socket_.secured() && size < value_room + buffer_room && !read->pending_eof) {
        read->ready = 0;
        return NGX_AGAIN;
    }
    return NGX_OK;
}

// False: the connection broke.
bool Connection::parse_received() {
    Parse parsed = Parse::Ok;
    while (parsed == Parse::Ok) {
        parsed = parse();
        if (parsed == Parse::Invalid) {
            reject_reply();
            return false;
        }
        deliver();
    }
    return true;
}

void Connection::reject_reply() {
    if (out_of_step_) {
        begin_anew(nullptr, 0);
    } else if (state_ == State::Greeting && greeting_.fault() != nullptr) {
        fail(Outcome::Down, greeting_.fault());
    } else {
        fail(Outcome::Garbage, "its reply does not answer the command");
    }
}

// Until more is needed, or (Ok) a value is complete: it is served while the processor's cache holds
// it, and its memory is the next one's.
Parse Connection::parse() {
    for (;;) {
        const bool was_value = value_.active();
        const Parse parsed = was_value                   ? take_value()
                             : begin_ == end_            ? Parse::NeedMore
                             : state_ == State::Greeting ? parse_greeting()
                                                         : parse_reply();
        if (parsed != Parse::Ok || was_value) {
            return parsed;
        }
    }
}

Parse Connection::parse_greeting() {
    std::size_t used = 0;
    const memcached::Greeting::Step step = greeting_.read(received(), used, out_);
    begin_ += used;
    switch (step) {
        case memcached::Greeting::Step::NeedMore:
            return Parse::NeedMore;
        case memcached::Greeting::Step::Asked:
            post_turn_end();
            return Parse::Ok;
        case memcached::Greeting::Step::Done:
            ready();
            return Parse::Ok;
        case memcached::Greeting::Step::Invalid:
            break;
    }
    return Parse::Invalid;
}

Parse Connection::parse_reply() {
    if (in_flight_.empty()) {
        return Parse::Invalid;  // nobody asked
    }
    Operation& operation = *in_flight_.front();
    memcached::Reply reply;
    const Step step = operation.dialect->read(operation, received(), reply);
    if (step != Step::NeedMore) {
        begin_ += reply.line_size;
    }
    if (step == Step::Value) {
        value_.begin(reply.value_size, reply.flags, server_.pool().max_item_size);
    }
    return take(step);
}

Parse Connection::take_value() {
    begin_ += value_.take(received());
    if (!value_.complete()) {
        return Parse::NeedMore;
    }
    Operation& operation = *in_flight_.front();
    const std::string_view end = operation.dialect->value_end();
    if (!received().starts_with(end)) {
        return end.starts_with(received()) ? Parse::NeedMore : Parse::Invalid;
    }
    begin_ += end.size();
    return take(operation.dialect->accept_value(operation, value_));
}

// What the reply to the operation at the front leads to.
Parse Connection::take(Step step) {
    switch (step) {
        case Step::NeedMore:
            return Parse::NeedMore;
        case Step::Invalid:
            return Parse::Invalid;
        case Step::Stay:
        case Step::Value:
            return Parse::Ok;
        case Step::Again:
            heard_ = served_ = true;
            expect_reply(take_front());
            post_turn_end();
            return Parse::Ok;
        case Step::Done:
        case Step::OutOfStep:
            break;
    }
    finish_front();
    out_of_step_ = step == Step::OutOfStep;
    return out_of_step_ ? Parse::Invalid : Parse::Ok;
}

void Connection::finish_front() {
    Operation& operation = *in_flight_.front();
    if (const auto latency = latency_probe_.end(operation.opaque)) {
        server_.latency().add(*latency);
    }
    heard_ = served_ = true;
    operation.result.connection = number_;
    answered_.push(take_front());
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

}  // namespace mcache::net
