#pragma once

// What an operation is on the wire: the commands that it is composed of and what their replies mean
// for it. A connection has a Dialect of each kind; it moves the bytes, and knows no command.

#include <cstdint>
#include <string_view>

#include "base/parse.h"
#include "memcached/client/incoming_value.h"
#include "memcached/client/operation.h"
#include "memcached/protocol/out_queue.h"
#include "memcached/protocol/reply.h"

namespace mcache::net {

class Server;

// What comes after a reply.
enum class Step : std::uint8_t {
    NeedMore,   // the reply is not complete
    Invalid,    // it does not answer the operation
    Stay,       // the operation takes the next reply, too
    Value,      // a data block follows
    Again,      // another command was appended: the operation goes to the end of the queue
    Done,       // the operation is answered
    OutOfStep,  // the same, by an error that leaves open what the server reads as its next command
};

class Dialect {
  public:
    Dialect(Server& server, memcached::OutQueue& out) : server_(server), out_(out) {}
    Dialect(const Dialect&) = delete;
    Dialect& operator=(const Dialect&) = delete;

    // Appends the first command. False: the server does not know one that does it, and what was
    // appended is to be taken back. Throws std::bad_alloc.
    virtual bool compose(Operation& operation) = 0;

    // Reads a reply at the beginning of `bytes`; reply.line_size of them are used.
    virtual Step read(Operation& operation, std::string_view bytes, memcached::Reply& reply) = 0;

    // What follows a data block.
    virtual std::string_view value_end() const { return memcached::kCrlf; }

    // A data block and its end have been read.
    virtual Step accept_value(Operation& operation, IncomingValue& value);

  protected:
    ~Dialect() = default;

    // The reply is an error. `has_data`: the command had a data block.
    Step refuse(Operation& operation, const memcached::Reply& reply, bool has_data);
    // The reply is an item: before its value is read.
    Step begin_value(Operation& operation, const memcached::Reply& reply);
    // What stands for the CAS of an item whose server gives none.
    void mark_content(Operation& operation, std::uint32_t flags, const BufferRef& value);

    Server& server_;
    memcached::OutQueue& out_;
};

// The facts of an item, or what memcached says of a command that was carried out.
void take_item_facts(const memcached::Reply& reply, Result& result);

// The meta protocol. It can do each operation by one command.
class MetaDialect final : public Dialect {
  public:
    using Dialect::Dialect;

    bool compose(Operation& operation) override;
    Step read(Operation& operation, std::string_view bytes, memcached::Reply& reply) override;

  private:
    bool compose_look(const Operation& operation);
    bool compose_store(const Operation& operation);
    bool compose_lock(const Operation& operation);
    bool compose_count(const Operation& operation);
    bool compose_remove(const Operation& operation);
    Step accept(Operation& operation, const memcached::Reply& reply);
    Step accept_done(Operation& operation, const memcached::Reply& reply);
};

// `stats`: what a memcached says of itself. It goes over a connection of its own, so that nothing
// that a request waits for stands behind it, and a proxy that ends the connection on `stats` costs
// no request anything.
class StatsDialect final : public Dialect {
  public:
    using Dialect::Dialect;

    bool compose(Operation& operation) override;
    Step read(Operation& operation, std::string_view bytes, memcached::Reply& reply) override;
};

}  // namespace mcache::net
