#pragma once

// The classic text protocol, and how what it lacks is put together from what it has:
//
//     a lease       `gets` finds nothing; `add` of a stub elects one of all that ask, and a `gets`
//                   behind it in the same write tells what lies there now
//     a lock        `add`, and `gets` behind it for the CAS that it is given back by
//     a count       `incr`, and `add` where there is no counter yet
//     remove by CAS `cas` of an empty item that has expired long ago
//     a CAS         where the server has none: what the item is (content_mark()). A command with a
//                   condition looks first, and then replaces or deletes: what another does between
//                   the two is lost
//
// A command with a data block is sent only to a server that is known to know it: any other takes
// the data for commands. `add` and `set` are taken for granted; `cas` is known by a version, or by
// a CAS that came with a value.

#include "memcached/client/dialect.h"

namespace mcache::net {

class ClassicDialect final : public Dialect {
  public:
    using Dialect::Dialect;

    // A new connection, to a server that said its version or did not.
    void begin(bool has_version);

    bool compose(Operation& operation) override;
    Step read(Operation& operation, std::string_view bytes, memcached::Reply& reply) override;
    std::string_view value_end() const override { return "\r\nEND\r\n"; }
    Step accept_value(Operation& operation, IncomingValue& value) override;

  private:
    bool compose_look(Operation& operation);
    bool compose_store(Operation& operation);
    bool compose_remove(Operation& operation);
    bool compose_over(Operation& operation);
    bool compose_add(Operation& operation);
    Step ask_again(Operation& operation, bool (ClassicDialect::*compose_next)(Operation&));
    Step refuse(Operation& operation, const memcached::Reply& reply) {
        return Dialect::refuse(operation, reply, operation.expect == memcached::Expect::Store);
    }
    Step accept(Operation& operation, const memcached::Reply& reply);
    Step accept_item(Operation& operation, const memcached::Reply& reply);
    Step accept_looked(Operation& operation, const memcached::Reply& reply);
    bool tries_get(const Operation& operation, const memcached::Reply& reply);
    Step accept_added(Operation& operation, const memcached::Reply& reply);
    Step accept_counted(Operation& operation, const memcached::Reply& reply);

    bool knows_gets_ = true;  // until it shows that it does not
    bool has_done_gets_ = false;
    bool doubts_gets_ = false;  // it answered the first with an error that may be the `get`'s, too
    bool knows_cas_ = false;    // until it is known
};

}  // namespace mcache::net
