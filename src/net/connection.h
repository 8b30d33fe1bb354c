#pragma once

// One persistent connection to a memcached server: a pipeline of operations.
//
// Operations wait until the server has said its version, are then composed in its dialect and stand
// in the in-flight queue until their reply came. All that a turn of the event loop composed leaves
// in one writev; all replies that arrived are parsed in one pass, and their operations completed
// after it. Any mismatch between a reply and the operation that it should answer closes the
// connection: a desynchronised pipeline would hand one user another user's page.

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"
#include "memcached/out_queue.h"
#include "memcached/reply.h"
#include "net/operation.h"
#include "ngx/api.h"

namespace mcache::net {

class Server;

class Connection {
  public:
    // `aside`: what becomes of it says nothing of the server.
    explicit Connection(Server& server, bool aside = false);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Takes the operation over, and opens the connection if it is closed.
    void submit(Operation* operation);

    // Connects anew where nothing is under way, so that the server shows that it is there.
    void probe();

    // Of a server that is not to be asked any more: closes when all is answered.
    void close_when_idle();

    // Operations that are not answered yet.
    std::size_t load() const { return load_; }

    // Called by the event loop.
    void on_readable();
    void on_writable();
    void on_deadline();
    void on_flush();
    void on_handshake();
    void on_session();

  private:
    enum class State : std::uint8_t {
        Closed,
        Connecting,  // connect() is under way
        Securing,    // the TLS handshake is
        Greeting,    // it is being found out whom we talk to
        Ready,
    };
    enum class Dialect : std::uint8_t { Meta, Classic };
    // What was asked last while Greeting.
    enum class Question : std::uint8_t { Auth, Version, Meta, Get };
    // A server may end the connection where it does not know a command: then it is not asked again.
    enum class Manners : std::uint8_t { AskAll, AskVersion, AskGet };

    void open();
    void connect();
    void watch();
    void connected();
    // Both as the system calls; err is set where less than 0 comes back.
    ssize_t read_into(struct iovec* room, std::size_t count, ngx_err_t& err);
    ssize_t write_from(struct iovec* segments, std::size_t count, ngx_err_t& err);
    bool secured() const { return peer_.connection->ssl != nullptr; }
    // Not from within submit(): whoever asked is not ready to be answered yet.
    void fail_soon(std::string_view what, ngx_err_t err = 0);

    // greeting.cpp
    void secure();
    void greet();
    void introduced();
    void ask(Question question);
    const char* unanswered_question() const;
    static memcached::Expect expected_answer(Question question);
    Parse parse_greeting();
    void ready(Dialect dialect);
    bool retreat();

    void compose(Operation* operation);
    bool compose_meta(const Operation& operation);
    void expect_reply(Operation* operation);
    Operation* take_front();
    ngx_msec_t deadline() const;
    void post_flush();
    void flush();
    void arm_deadline(ngx_msec_t deadline);

    bool receive();  // false: end of file or error
    Parse parse();
    Parse parse_line();
    Parse take_value();
    Parse accept(const memcached::Reply& reply);
    bool begin_value(const memcached::Reply& reply);
    void finish_front();
    void begin_latency();
    void measure_latency();
    void deliver();

    // classic.cpp
    bool compose_classic(Operation& operation);
    bool compose_look(Operation& operation);
    bool compose_add(Operation& operation);
    bool ask_again(bool (Connection::*compose_next)(Operation&));
    Parse accept_classic(const memcached::Reply& reply);
    Parse accept_looked(Operation& operation, const memcached::Reply& reply);
    Parse accept_added(Operation& operation, const memcached::Reply& reply);
    Parse accept_counted(Operation& operation, const memcached::Reply& reply);
    Parse parse_stats();  // stats.cpp
    void log_not_stored(const memcached::Reply& reply);

    void lose(const char* what, ngx_err_t err);
    void fail(Outcome outcome, const char* what, ngx_err_t err = 0);
    void close();

    std::string_view received() const { return {buffer_.get() + begin_, end_ - begin_}; }

    Server& server_;
    bool aside_;
    ngx_peer_connection_t peer_{};
    ngx_str_t peer_name_{};
    ngx_event_t deadline_event_{};
    ngx_event_t flush_event_{};

    State state_ = State::Closed;
    Question question_ = Question::Version;
    Manners manners_ = Manners::AskAll;
    ngx_msec_t greeted_by_ = 0;  // when it is to be ready
    std::string version_;        // empty where it said none
    Dialect dialect_ = Dialect::Meta;
    bool knows_gets_ = true;    // until it shows that it does not
    bool knows_cas_ = false;    // until it is known
    std::uint64_t number_ = 0;  // since it was opened, see Client::number_connection()
    std::uint32_t next_opaque_ = 0;
    std::size_t load_ = 0;
    bool served_ = false;  // since it was opened
    bool heard_ = false;   // a reply since the last delivery
    std::string fault_;    // why it is not made; empty: nothing is known to be wrong
    ngx_err_t fault_error_ = 0;
    ngx_msec_t last_moved_ = 0;   // when bytes were last sent or received
    ngx_msec_t front_since_ = 0;  // when the operation at the front came to stand there

    // The latency of one command a millisecond is measured, of the last that a flush sent.
    std::uint32_t timed_opaque_ = 0;  // 0: of none now
    std::uint64_t timed_at_ = 0;      // in microseconds
    ngx_msec_t timed_in_ = 0;         // ngx_current_msec

    OperationQueue waiting_;    // for the connection to become ready
    OperationQueue in_flight_;  // composed, not answered
    OperationQueue answered_;   // to be completed when the pass over the replies is done
    memcached::OutQueue out_;
    std::vector<Operation*> unsent_;  // may still be joined

    std::unique_ptr<char[]> buffer_;  // what was received and is not parsed: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;

    // The data block of the operation at the front.
    bool in_value_ = false;
    bool large_ = false;  // this value, or the last one
    std::size_t value_size_ = 0;
    std::size_t value_filled_ = 0;
    BufferRef value_;  // empty: the value is too large to be wanted, and skipped
};

}  // namespace mcache::net
