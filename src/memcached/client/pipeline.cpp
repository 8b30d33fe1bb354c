// What goes over a connection: operations composed in the server's dialect, replies checked against
// the operation that they should answer.

#include <algorithm>

#include "base/integer.h"
#include "memcached/client/client.h"
#include "memcached/client/connection.h"
#include "memcached/client/server.h"
#include "memcached/protocol/command.h"
#include "memcached/protocol/content_mark.h"
#include "memcached/protocol/reply.h"
#include "memcached/protocol/stub.h"

namespace mcache::net {

namespace {

// From this size on a value is received where it is to lie.
constexpr std::size_t kLargeValue = 16 * 1024;

// Of an item that is marked stale, memcached lets one party win the refresh; only an empty one is a
// stub.
void take_item_facts(const memcached::Reply& reply, Result& result) {
    const bool stub = reply.has_size && reply.value_size == 0;
    result.size = reply.value_size;
    result.flags = reply.flags;
    result.cas = reply.cas;
    result.won = stub && reply.won;
    result.leased = stub && (reply.won || reply.token_sent);
    result.stale = reply.stale;
    result.ttl = reply.ttl == memcached::kTtlAbsent ? -1 : reply.ttl;
}

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
    operation.meta = dialect_ == Dialect::Meta && !server_.lacks(Lack::Cas);
    operation.result.life = server_.client().connections_established();
    if (!operation.fits_life_of(made_) &&
        !memcached::is_content_mark(operation.condition().value_or(0))) {
        operation.result.outcome = Outcome::Missing;
        return false;
    }
    try {
        if (operation.meta ? compose_meta(operation) : compose_classic(operation)) {
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

bool Connection::compose_meta(const Operation& operation) {
    switch (operation.kind) {
        case Operation::Kind::Get: {
            memcached::MetaGet get;
            get.opaque = operation.opaque;
            get.vivify = operation.ttl == 0 ? 0 : memcached::wire_ttl(operation.ttl, ngx_time());
            return memcached::compose(out_, operation.key(), get);
        }
        case Operation::Kind::Peek: {
            memcached::MetaGet peek;
            peek.opaque = operation.opaque;
            peek.value = false;
            peek.vivify = operation.ttl == 0 ? 0 : memcached::wire_ttl(operation.ttl, ngx_time());
            return memcached::compose(out_, operation.key(), peek);
        }
        case Operation::Kind::Store: {
            memcached::MetaSet set;
            set.opaque = operation.opaque;
            set.mode = operation.store.mode;
            set.cas = operation.store.cas;
            set.flags = operation.store.flags;
            set.ttl = operation.store.wire_ttl(ngx_time());
            return memcached::compose(out_, operation.key(), set, operation.store.parts);
        }
        case Operation::Kind::Lock: {
            memcached::MetaSet add;
            add.opaque = operation.opaque;
            add.mode = memcached::SetMode::Add;
            add.return_cas = true;
            add.ttl = memcached::wire_ttl(operation.ttl, ngx_time());
            return memcached::compose(out_, operation.key(), add, std::string_view());
        }
        case Operation::Kind::Count: {
            memcached::MetaArithmetic count;
            count.opaque = operation.opaque;
            count.create = true;
            count.create_ttl = memcached::wire_ttl(operation.ttl, ngx_time());
            count.initial = 1;
            return memcached::compose(out_, operation.key(), count);
        }
        case Operation::Kind::Remove: {
            memcached::MetaDelete remove;
            remove.opaque = operation.opaque;
            remove.cas = operation.remove.cas;
            remove.invalidate = operation.remove.stale_for.has_value();
            if (operation.remove.stale_for.value_or(0) > 0) {
                remove.ttl = memcached::wire_ttl(*operation.remove.stale_for, ngx_time());
            }
            return memcached::compose(out_, operation.key(), remove);
        }
        case Operation::Kind::Stats:
            memcached::compose_stats(out_);
            return true;
    }
    return false;
}

// Until more is needed, or (Ok) a value is complete: it is served while the processor's cache holds
// it, and its memory is the next one's.
Parse Connection::parse() {
    for (;;) {
        const bool was_in_value = in_value_;
        const Parse step = in_value_ ? take_value() : parse_line();
        if (step != Parse::Ok || was_in_value) {
            return step;
        }
    }
}

Parse Connection::parse_line() {
    if (begin_ == end_) {
        return Parse::NeedMore;
    }
    if (state_ == State::Greeting) {
        return parse_greeting();
    }
    if (in_flight_.empty()) {
        return Parse::Invalid;  // nobody asked
    }
    if (in_flight_.front()->kind == Operation::Kind::Stats) {
        return parse_stats();
    }
    memcached::Reply reply;
    const bool meta = in_flight_.front()->meta;
    const Parse parsed = meta ? parse_meta_reply(received(), reply)
                              : parse_classic_reply(received(), in_flight_.front()->expect, reply);
    if (parsed != Parse::Ok) {
        return parsed;
    }
    begin_ += reply.line_size;
    return meta ? accept(reply) : accept_classic(reply);
}

// Whether the reply is one that the operation at the front can have, by the opaque token. Only
// error lines carry none.
Parse Connection::accept(const memcached::Reply& reply) {
    using memcached::ReplyStatus;
    Operation* operation = in_flight_.front();
    const bool answers = reply.answers(operation->opaque);
    switch (reply.status) {
        case ReplyStatus::Value:
            if (!answers || (!operation->looks() && operation->kind != Operation::Kind::Count)) {
                return Parse::Invalid;
            }
            begin_value(reply);
            return Parse::Ok;
        case ReplyStatus::Miss:
            if (!answers || !operation->looks()) {
                return Parse::Invalid;
            }
            operation->result.outcome = Outcome::Missing;
            break;
        case ReplyStatus::Ok:
        case ReplyStatus::NotStored:
        case ReplyStatus::Exists:
        case ReplyStatus::NotFound:
            if (!answers || operation->kind == Operation::Kind::Get ||
                (operation->kind == Operation::Kind::Peek && reply.status != ReplyStatus::Ok)) {
                return Parse::Invalid;
            }
            operation->result.outcome =
                reply.status == ReplyStatus::Ok ? Outcome::Found : Outcome::Missing;
            operation->result.number = reply.number;
            take_item_facts(reply, operation->result);
            if (operation->looks() && reply.has_cas && reply.cas == 0) {
                server_.found_lacking(Lack::Cas, "gives no CAS");
            }
            break;
        case ReplyStatus::Error:
            return refuse(reply);
        default:
            return Parse::Invalid;
    }
    finish_front();
    return Parse::Ok;
}

// An error is the failure of the command at the front alone.
Parse Connection::refuse(const memcached::Reply& reply) {
    Operation& operation = *in_flight_.front();
    const bool has_data = (operation.meta && operation.kind == Operation::Kind::Store) ||
                          (operation.meta ? operation.kind == Operation::Kind::Lock
                                          : operation.expect == memcached::Expect::Store);
    server_.refused(operation, reply.text);
    operation.result.outcome = Outcome::Refused;
    out_of_step_ = has_data && !memcached::has_read_data(reply.error);
    finish_front();
    return out_of_step_ ? Parse::Invalid : Parse::Ok;
}

// What there is no memory for, is skipped as what is too large.
void Connection::begin_value(const memcached::Reply& reply) {
    Result& result = in_flight_.front()->result;
    const bool added = result.won;
    take_item_facts(reply, result);
    if (memcached::is_stub(reply.flags, reply.value_size)) {
        result.flags = 0;
        result.leased = true;
        result.won = added;
        result.ttl = memcached::stub_seconds_left(reply.flags, ngx_time());
    }
    if (reply.cas != 0) {
        server_.found(Lack::Cas);
    }
    in_value_ = true;
    value_size_ = reply.value_size;
    value_flags_ = reply.flags;
    value_filled_ = 0;
    if (value_size_ <= server_.pool().max_item_size) {
        value_ = BufferRef::allocate(value_size_);
    }
    large_ = value_ && value_size_ >= kLargeValue;
}

Parse Connection::take_value() {
    const std::size_t size = std::min(value_size_ - value_filled_, end_ - begin_);
    if (value_) {
        std::memcpy(value_->data() + value_filled_, buffer_.get() + begin_, size);
    }
    value_filled_ += size;
    begin_ += size;
    if (value_filled_ < value_size_) {
        return Parse::NeedMore;
    }
    const std::string_view trailer = in_flight_.front()->meta ? "\r\n" : "\r\nEND\r\n";
    if (!received().starts_with(trailer)) {
        return trailer.starts_with(received()) ? Parse::NeedMore : Parse::Invalid;
    }
    begin_ += trailer.size();
    in_value_ = false;
    Operation& operation = *in_flight_.front();
    Result& result = operation.result;
    const bool has_condition =
        operation.kind == Operation::Kind::Store || operation.kind == Operation::Kind::Remove;
    if (value_ && result.cas == 0 && (operation.looks() || has_condition)) {
        if (operation.meta || operation.with_cas) {
            server_.found_lacking(Lack::Cas, "gives no CAS");
        }
        result.cas = memcached::content_mark(value_flags_, value_->view());
    }
    if (has_condition) {
        value_ = BufferRef();
        return accept_condition(operation);
    }
    if (operation.kind != Operation::Kind::Lock) {
        const bool wanted = value_size_ <= server_.pool().max_item_size;
        result.outcome = value_ ? Outcome::Found : wanted ? Outcome::Down : Outcome::Missing;
    }
    if (value_ && operation.kind == Operation::Kind::Count) {
        result.number = parse_decimal<std::uint64_t>(value_->view()).value_or(0);
    }
    result.value = std::move(value_);
    finish_front();
    return Parse::Ok;
}

void Connection::finish_front() {
    if (timed_opaque_ != 0) {
        measure_latency();
    }
    heard_ = true;
    served_ = true;
    in_flight_.front()->result.connection = number_;
    answered_.push(take_front());
}

}  // namespace mcache::net
