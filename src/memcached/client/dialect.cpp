#include "memcached/client/dialect.h"

#include "base/integer.h"
#include "memcached/client/client.h"
#include "memcached/client/server.h"
#include "memcached/protocol/content_mark.h"
#include "memcached/protocol/stub.h"

namespace mcache::net {

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

Step Dialect::begin_value(Operation& operation, const memcached::Reply& reply) {
    Result& result = operation.result;
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
    return Step::Value;
}

void Dialect::mark_content(Operation& operation, std::uint32_t flags, const BufferRef& value) {
    if (!value || operation.result.cas != 0) {
        return;
    }
    if (operation.with_cas) {
        server_.found_lacking(Lack::Cas, "gives no CAS");
    }
    operation.result.cas = memcached::content_mark(flags, value->view());
}

Step Dialect::accept_value(Operation& operation, IncomingValue& value) {
    Result& result = operation.result;
    result.value = value.end();
    if (operation.looks()) {
        mark_content(operation, value.flags(), result.value);
    }
    if (operation.kind != Operation::Kind::Lock) {
        const bool wanted = result.size <= server_.pool().max_item_size;
        result.outcome = result.value ? Outcome::Found : wanted ? Outcome::Down : Outcome::Missing;
    }
    if (result.value && operation.kind == Operation::Kind::Count) {
        result.number = parse_decimal<std::uint64_t>(result.value->view()).value_or(0);
    }
    return Step::Done;
}

// An error is the failure of this command alone.
Step Dialect::refuse(Operation& operation, const memcached::Reply& reply, bool has_data) {
    server_.refused(operation, reply.text);
    operation.result.outcome = Outcome::Refused;
    return has_data && !memcached::has_read_data(reply.error) ? Step::OutOfStep : Step::Done;
}

}  // namespace mcache::net
