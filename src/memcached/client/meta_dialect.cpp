#include "memcached/client/client.h"
#include "memcached/client/dialect.h"
#include "memcached/client/server.h"
#include "memcached/protocol/command.h"

namespace mcache::net {

namespace {

using memcached::ReplyStatus;

}  // namespace

bool MetaDialect::compose(Operation& operation) {
    operation.with_cas = true;
    switch (operation.kind) {
        case Operation::Kind::Get:
        case Operation::Kind::Peek:
            return compose_look(operation);
        case Operation::Kind::Store:
            return compose_store(operation);
        case Operation::Kind::Remove:
            return compose_remove(operation);
        case Operation::Kind::Lock:
            return compose_lock(operation);
        case Operation::Kind::Count:
            return compose_count(operation);
        case Operation::Kind::Stats:
            break;
    }
    return false;
}

bool MetaDialect::compose_look(const Operation& operation) {
    memcached::MetaGet get;
    get.opaque = operation.opaque;
    get.value = operation.kind == Operation::Kind::Get;
    get.vivify = operation.ttl == 0 ? 0 : memcached::wire_ttl(operation.ttl, ngx_time());
    return memcached::compose(out_, operation.key(), get);
}

bool MetaDialect::compose_store(const Operation& operation) {
    memcached::MetaSet set;
    set.opaque = operation.opaque;
    set.mode = operation.store.mode;
    set.cas = operation.store.cas;
    set.flags = operation.store.flags;
    set.ttl = operation.store.wire_ttl(ngx_time());
    return memcached::compose(out_, operation.key(), set, operation.store.parts);
}

bool MetaDialect::compose_lock(const Operation& operation) {
    memcached::MetaSet add;
    add.opaque = operation.opaque;
    add.mode = memcached::SetMode::Add;
    add.return_cas = true;
    add.ttl = memcached::wire_ttl(operation.ttl, ngx_time());
    return memcached::compose(out_, operation.key(), add, std::string_view());
}

bool MetaDialect::compose_count(const Operation& operation) {
    memcached::MetaArithmetic count;
    count.opaque = operation.opaque;
    count.create = true;
    count.create_ttl = memcached::wire_ttl(operation.ttl, ngx_time());
    count.initial = 1;
    return memcached::compose(out_, operation.key(), count);
}

bool MetaDialect::compose_remove(const Operation& operation) {
    memcached::MetaDelete remove;
    remove.opaque = operation.opaque;
    remove.cas = operation.remove.cas;
    remove.invalidate = operation.remove.stale_for.has_value();
    if (operation.remove.stale_for.value_or(0) > 0) {
        remove.ttl = memcached::wire_ttl(*operation.remove.stale_for, ngx_time());
    }
    return memcached::compose(out_, operation.key(), remove);
}

Step MetaDialect::read(Operation& operation, std::string_view bytes, memcached::Reply& reply) {
    const Parse parsed = parse_meta_reply(bytes, reply);
    if (parsed != Parse::Ok) {
        return parsed == Parse::NeedMore ? Step::NeedMore : Step::Invalid;
    }
    if (reply.status == ReplyStatus::Error) {  // errors alone carry no opaque token
        return refuse(
            operation, reply,
            operation.kind == Operation::Kind::Store || operation.kind == Operation::Kind::Lock);
    }
    return reply.answers(operation.opaque) ? accept(operation, reply) : Step::Invalid;
}

// Whether the reply is one that the operation can have.
Step MetaDialect::accept(Operation& operation, const memcached::Reply& reply) {
    switch (reply.status) {
        case ReplyStatus::Value:
            return operation.looks() || operation.kind == Operation::Kind::Count
                       ? begin_value(operation, reply)
                       : Step::Invalid;
        case ReplyStatus::Miss:
            if (!operation.looks()) {
                return Step::Invalid;
            }
            operation.result.outcome = Outcome::Missing;
            return Step::Done;
        case ReplyStatus::Ok:
        case ReplyStatus::NotStored:
        case ReplyStatus::Exists:
        case ReplyStatus::NotFound:
            return accept_done(operation, reply);
        default:
            return Step::Invalid;
    }
}

Step MetaDialect::accept_done(Operation& operation, const memcached::Reply& reply) {
    const bool done = reply.status == ReplyStatus::Ok;
    if (operation.kind == Operation::Kind::Get ||
        (operation.kind == Operation::Kind::Peek && !done)) {
        return Step::Invalid;
    }
    operation.result.outcome = done ? Outcome::Found : Outcome::Missing;
    operation.result.number = reply.number;
    take_item_facts(reply, operation.result);
    if (operation.looks() && reply.has_cas && reply.cas == 0) {
        server_.found_lacking(Lack::Cas, "gives no CAS");
    }
    return Step::Done;
}

}  // namespace mcache::net
