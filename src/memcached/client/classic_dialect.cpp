#include "memcached/client/classic_dialect.h"

#include <algorithm>
#include <new>
#include <utility>

#include "memcached/client/client.h"
#include "memcached/client/server.h"
#include "memcached/protocol/command.h"
#include "memcached/protocol/content_mark.h"
#include "memcached/protocol/stub.h"

namespace mcache::net {

namespace {

using memcached::ErrorKind;
using memcached::Expect;
using memcached::ReplyStatus;

// An absolute time, of the year 1970: the smallest that is not taken for a relative one.
constexpr std::uint32_t kLongAgo = 60 * 60 * 24 * 30 + 1;

bool is_error(const memcached::Reply& reply, ErrorKind kind) {
    return reply.status == ReplyStatus::Error && reply.error == kind;
}

}  // namespace

void ClassicDialect::begin(bool has_version) {
    knows_gets_ = true;
    has_done_gets_ = doubts_gets_ = false;
    knows_cas_ = has_version;
}

bool ClassicDialect::compose(Operation& operation) {
    operation.added = operation.look_follows = false;
    operation.result.won = false;
    if (operation.kind == Operation::Kind::Peek && operation.ttl != 0) {
        operation.kind = Operation::Kind::Get;  // a lease is made with the value, or not at all
    }
    if (operation.conditional() && memcached::is_content_mark(operation.condition().value_or(0))) {
        return compose_look(operation);
    }
    switch (operation.kind) {
        case Operation::Kind::Get:
        case Operation::Kind::Peek:
            return compose_look(operation);
        case Operation::Kind::Store:
            return compose_store(operation);
        case Operation::Kind::Remove:
            return compose_remove(operation);
        case Operation::Kind::Lock:
            return compose_add(operation);
        case Operation::Kind::Count:
            operation.expect = Expect::Count;
            return memcached::compose(out_, operation.key(), memcached::ClassicIncr{});
        case Operation::Kind::Stats:
            break;
    }
    return false;
}

bool ClassicDialect::compose_store(Operation& operation) {
    const StoreCommand& store = operation.store;
    if ((store.cas || store.mode == memcached::SetMode::Append) && !knows_cas_) {
        return false;
    }
    memcached::ClassicSet set;
    set.mode = store.mode;
    set.cas = store.cas;
    set.flags = store.flags;
    set.ttl = store.wire_ttl(ngx_time());
    operation.expect = Expect::Store;
    return memcached::compose(out_, operation.key(), set, store.parts);
}

bool ClassicDialect::compose_remove(Operation& operation) {
    if (!operation.remove.cas) {
        operation.expect = Expect::Delete;
        return memcached::compose(out_, operation.key(), memcached::ClassicDelete{});
    }
    memcached::ClassicSet expired;
    expired.cas = operation.remove.cas;
    expired.ttl = kLongAgo;
    operation.expect = Expect::Store;
    return knows_cas_ && memcached::compose(out_, operation.key(), expired, std::string_view());
}

bool ClassicDialect::compose_look(Operation& operation) {
    operation.expect = Expect::Get;
    operation.with_cas = knows_gets_;
    return memcached::compose(out_, operation.key(), memcached::ClassicGet{knows_gets_});
}

// The item is as it was when it was looked at.
bool ClassicDialect::compose_over(Operation& operation) {
    if (operation.kind == Operation::Kind::Remove) {
        operation.expect = Expect::Delete;
        return memcached::compose(out_, operation.key(), memcached::ClassicDelete{});
    }
    memcached::ClassicSet over;
    // A proxy that does not know `gets` may not know `replace`, either.
    over.mode = knows_gets_ ? memcached::SetMode::Replace : memcached::SetMode::Set;
    over.flags = operation.store.flags;
    over.ttl = operation.store.wire_ttl(ngx_time());
    operation.expect = Expect::Store;
    return memcached::compose(out_, operation.key(), over, operation.store.parts);
}

bool ClassicDialect::compose_add(Operation& operation) {
    memcached::ClassicSet add;
    add.mode = memcached::SetMode::Add;
    std::string_view value;
    std::int64_t ttl = operation.ttl;
    if (operation.kind == Operation::Kind::Get) {
        ttl = std::min(ttl, memcached::kMaxStubSeconds);
        add.flags =
            server_.lacks(Lack::Cas)
                ? memcached::stub_flags(ngx_time() + ttl, static_cast<std::uint32_t>(ngx_random()))
                : memcached::stub_flags(ngx_time() + ttl);
    } else if (operation.kind == Operation::Kind::Count) {
        value = "1";
    }
    add.ttl = memcached::wire_ttl(ttl, ngx_time());
    operation.added = true;
    if (!memcached::compose(out_, operation.key(), add, value)) {
        return false;
    }
    operation.look_follows = operation.kind == Operation::Kind::Get ||
                             (operation.kind == Operation::Kind::Lock && knows_gets_);
    const bool composed = !operation.look_follows || compose_look(operation);
    operation.expect = Expect::Store;
    return composed;
}

// The operation takes another command, and a new place in the queue.
Step ClassicDialect::ask_again(Operation& operation,
                               bool (ClassicDialect::*compose_next)(Operation&)) {
    const std::size_t before = out_.size();
    try {
        return (this->*compose_next)(operation) ? Step::Again : Step::Invalid;
    } catch (const std::bad_alloc&) {
        out_.truncate(before);
        operation.result.outcome = Outcome::Down;
        return Step::Done;
    }
}

Step ClassicDialect::read(Operation& operation, std::string_view bytes, memcached::Reply& reply) {
    const Parse parsed = parse_classic_reply(bytes, operation.expect, reply);
    if (parsed != Parse::Ok) {
        return parsed == Parse::NeedMore ? Step::NeedMore : Step::Invalid;
    }
    return accept(operation, reply);
}

Step ClassicDialect::accept(Operation& operation, const memcached::Reply& reply) {
    if (operation.expect == Expect::Get) {
        return accept_looked(operation, reply);
    }
    if (operation.expect == Expect::Store && operation.added) {
        return accept_added(operation, reply);
    }
    if (operation.expect == Expect::Count) {
        return accept_counted(operation, reply);
    }
    if (reply.status == ReplyStatus::Error) {
        return refuse(operation, reply);
    }
    operation.result.outcome = reply.status == ReplyStatus::Ok ? Outcome::Found : Outcome::Missing;
    return Step::Done;
}

// get, gets.
Step ClassicDialect::accept_looked(Operation& operation, const memcached::Reply& reply) {
    const bool lock = operation.kind == Operation::Kind::Lock;
    if (!operation.with_cas && std::exchange(doubts_gets_, false)) {
        knows_gets_ = reply.status == ReplyStatus::Error;
        if (!knows_gets_) {
            server_.found_lacking(Lack::Cas, "answers \"gets\" with an error");
        }
    }
    if (reply.status == ReplyStatus::Value) {
        return accept_item(operation, reply);
    }
    if (tries_get(operation, reply)) {
        return ask_again(operation, &ClassicDialect::compose_look);
    }
    if (reply.status == ReplyStatus::Error && !lock) {
        return refuse(operation, reply);
    }
    has_done_gets_ = has_done_gets_ || operation.with_cas;
    if (operation.kind == Operation::Kind::Get && operation.ttl != 0 && !operation.added) {
        return ask_again(operation, &ClassicDialect::compose_add);
    }
    if (!lock) {
        operation.result.won = false;
        operation.result.outcome = Outcome::Missing;
    }
    return Step::Done;
}

// Whether an error in answer to `gets` is to be followed by a `get`. A proxy may not know it
// (ERROR), or answer with SERVER_ERROR as mcrouter does where it keeps copies.
bool ClassicDialect::tries_get(const Operation& operation, const memcached::Reply& reply) {
    const bool unknown = is_error(reply, ErrorKind::Protocol) ||
                         (is_error(reply, ErrorKind::Server) && !has_done_gets_);
    if (!unknown || !operation.with_cas) {
        return false;
    }
    knows_gets_ = false;
    doubts_gets_ = is_error(reply, ErrorKind::Server);
    if (!doubts_gets_) {
        server_.found_lacking(Lack::Cas, "does not know \"gets\"");
    }
    return !operation.added;
}

Step ClassicDialect::accept_item(Operation& operation, const memcached::Reply& reply) {
    knows_cas_ = knows_cas_ || reply.cas != 0;
    has_done_gets_ = has_done_gets_ || operation.with_cas;
    return reply.key == operation.key() ? begin_value(operation, reply) : Step::Invalid;
}

// Of a store or a removal with a condition it is the item that was looked at.
Step ClassicDialect::accept_value(Operation& operation, IncomingValue& value) {
    if (!operation.conditional()) {
        return Dialect::accept_value(operation, value);
    }
    mark_content(operation, value.flags(), value.end());
    const bool same = operation.result.cas == operation.condition();
    operation.result = Result{};
    operation.result.server = &server_;
    if (same) {
        return ask_again(operation, &ClassicDialect::compose_over);
    }
    operation.result.outcome = Outcome::Missing;
    return Step::Done;
}

// add, of what is no page.
Step ClassicDialect::accept_added(Operation& operation, const memcached::Reply& reply) {
    const bool refused = reply.status == ReplyStatus::Error;
    if (refused && !(operation.look_follows && memcached::has_read_data(reply.error))) {
        return refuse(operation, reply);
    }
    const bool done = reply.status == ReplyStatus::Ok;
    const bool declined = reply.status == ReplyStatus::NotStored;
    if (refused) {
        server_.refused(operation, reply.text);
        operation.result.outcome = Outcome::Refused;  // of a lookup, the look behind it says
    } else if (operation.kind == Operation::Kind::Get) {
        operation.result.won = done;
    } else if (operation.kind == Operation::Kind::Count && declined) {
        operation.result.outcome = Outcome::Found;
        operation.result.number = 2;  // another has counted in between
    } else {
        operation.result.outcome = done ? Outcome::Found : Outcome::Missing;
        operation.result.number = 1;
    }
    if (std::exchange(operation.look_follows, false)) {
        operation.expect = Expect::Get;  // by the same place in the queue
        return Step::Stay;
    }
    return Step::Done;
}

// incr.
Step ClassicDialect::accept_counted(Operation& operation, const memcached::Reply& reply) {
    if (reply.status == ReplyStatus::NotFound) {
        return ask_again(operation, &ClassicDialect::compose_add);
    }
    if (reply.status == ReplyStatus::Error) {
        return refuse(operation, reply);
    }
    operation.result.outcome = Outcome::Found;
    operation.result.number = reply.number;
    return Step::Done;
}

}  // namespace mcache::net
