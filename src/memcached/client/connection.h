#pragma once

// One persistent connection to a memcached server: a pipeline of operations.
//
// Operations wait until the server has said its version, are then composed in its dialect and stand
// in the in-flight queue until their reply came. All that a turn of the event loop submitted is
// composed at its end and leaves in one writev. Any mismatch between a reply and the operation that
// it should answer closes the connection: a desynchronised pipeline would hand one user another
// user's page.
//
// Completing an operation runs requests, which may call submit(), probe() and close_when_idle() of
// this very connection while it is being read. These only note what is wanted, and never throw; the
// connection is opened, written to and closed by the event loop's handlers alone.

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "memcached/client/operation.h"
#include "memcached/protocol/out_queue.h"
#include "memcached/protocol/reply.h"
#include "ngx/api.h"

namespace mcache::net {

class Server;

class Connection {
  public:
    // What for: how it fares says of the server whether it is to be asked at all, whether it is to
    // be asked for large values, or nothing.
    enum class Role : std::uint8_t { Main, Bulk, Stats };

    Connection(Server& server, Role role);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Takes the operation over, and opens the connection if it is closed.
    void submit(Operation* operation) noexcept;

    // Connects anew where nothing is under way, so that the server shows that it is there.
    void probe() noexcept;

    // Of a server that is not to be asked any more: closes when all is answered.
    void close_when_idle() noexcept { post_turn_end(); }

    // Operations that are not answered yet.
    std::size_t load() const { return load_; }

    // Called by the event loop, through handle(): an exception ends the connection.
    void handle(void (Connection::*handler)()) noexcept;
    void on_readable();
    void on_writable();
    void on_deadline();
    void on_turn_end();
    void on_handshake();
    // Called by OpenSSL while it reads.
    void on_session() noexcept;

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
    // In the next turn: a server that refuses at once is not asked again and again in this one.
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

    void compose_waiting() noexcept;
    bool compose(Operation& operation) noexcept;
    bool compose_meta(const Operation& operation);
    void expect_reply(Operation* operation) noexcept;
    Operation* take_front() noexcept;
    ngx_msec_t deadline() const;
    void post_turn_end() noexcept;
    void flush();
    void arm_deadline(ngx_msec_t deadline) noexcept;

    bool receive();  // false: end of file or error
    Parse parse();
    Parse parse_line();
    Parse take_value();
    Parse accept(const memcached::Reply& reply);
    Parse refuse(const memcached::Reply& reply);
    void begin_value(const memcached::Reply& reply);
    void finish_front();
    void begin_latency();
    void measure_latency();
    void deliver() noexcept;

    // classic.cpp
    bool compose_classic(Operation& operation);
    bool compose_look(Operation& operation);
    bool compose_over(Operation& operation);
    bool compose_add(Operation& operation);
    Parse ask_again(bool (Connection::*compose_next)(Operation&));
    Parse accept_classic(const memcached::Reply& reply);
    Parse accept_looked(Operation& operation, const memcached::Reply& reply);
    Parse accept_condition(Operation& operation);
    bool tries_get(const Operation& operation, const memcached::Reply& reply);
    Parse accept_added(Operation& operation, const memcached::Reply& reply);
    Parse accept_counted(Operation& operation, const memcached::Reply& reply);
    Parse parse_stats();  // stats.cpp

    void lose(const char* what, ngx_err_t err);
    void begin_anew(const char* blame, ngx_err_t err) noexcept;
    void fail(Outcome outcome, const char* what, ngx_err_t err = 0) noexcept;
    void blame(const char* what, ngx_err_t err) noexcept;
    void close() noexcept;

    std::string_view received() const { return {buffer_.get() + begin_, end_ - begin_}; }

    Server& server_;
    Role role_;
    ngx_peer_connection_t peer_{};
    ngx_str_t peer_name_{};
    ngx_event_t deadline_event_{};
    ngx_event_t turn_end_event_{};

    State state_ = State::Closed;
    Question question_ = Question::Version;
    Manners manners_ = Manners::AskAll;
    ngx_msec_t greeted_by_ = 0;  // when it is to be ready
    std::string version_;        // empty where it said none
    Dialect dialect_ = Dialect::Meta;
    bool knows_gets_ = true;  // until it shows that it does not
    bool has_done_gets_ = false;
    bool doubts_gets_ = false;  // it answered the first with an error that may be the `get`'s, too
    bool knows_cas_ = false;    // until it is known
    std::uint64_t number_ = 0;  // since it was opened, see Client::number_connection()
    std::uint64_t made_ =
        0;  // which of the established ones it is, see Client::connections_established()
    std::uint32_t next_opaque_ = 0;
    std::size_t load_ = 0;
    bool served_ = false;       // since it was opened
    bool heard_ = false;        // a reply since the last delivery
    bool probing_ = false;      // probe() was called in this turn
    bool out_of_step_ = false;  // an error left it open what the server reads next as a command
    std::string fault_;         // why it is not made; empty: nothing is known to be wrong
    ngx_err_t fault_error_ = 0;
    ngx_msec_t last_moved_ = 0;   // when bytes were last sent or received
    ngx_msec_t front_since_ = 0;  // when the operation at the front came to stand there

    // The latency of one command a millisecond is measured, of the last that a flush sent.
    std::uint32_t timed_opaque_ = 0;  // 0: of none now
    std::uint64_t timed_at_ = 0;      // in microseconds
    ngx_msec_t timed_in_ = 0;         // ngx_current_msec

    OperationQueue waiting_;    // for the connection to become ready
    OperationQueue in_flight_;  // composed, not answered
    OperationQueue answered_;   // to be completed
    memcached::OutQueue out_;

    std::unique_ptr<char[]> buffer_;  // what was received and is not parsed: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;

    // The data block of the operation at the front.
    bool in_value_ = false;
    bool large_ = false;  // this value, or the last one
    std::size_t value_size_ = 0;
    std::size_t value_filled_ = 0;
    std::uint32_t value_flags_ = 0;
    BufferRef value_;  // empty: the value is too large, or there is no memory, and it is skipped
};

}  // namespace mcache::net
