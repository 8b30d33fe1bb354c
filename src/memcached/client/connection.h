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

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "memcached/client/classic_dialect.h"
#include "memcached/client/dialect.h"
#include "memcached/client/incoming_value.h"
#include "memcached/client/latency_probe.h"
#include "memcached/client/operation.h"
#include "memcached/client/socket.h"
#include "memcached/protocol/greeting.h"
#include "memcached/protocol/out_queue.h"
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
        Greeting,    // see memcached::Greeting
        Ready,
    };

    void open();
    void connect();
    void watch();
    void connected();
    void secure();
    void greet();
    void ready();
    void report_dialect();
    // In the next turn: a server that refuses at once is not asked again and again in this one.
    void fail_soon(std::string_view what, ngx_err_t err = 0);
    const char* timed_out() const;

    void lose(const char* what, ngx_err_t err);
    bool reconnect();
    void begin_anew(const char* blame, ngx_err_t err) noexcept;
    void fail(Outcome outcome, const char* what, ngx_err_t err = 0) noexcept;
    void blame(const char* what, ngx_err_t err) noexcept;
    void close() noexcept;

    // pipeline.cpp
    void compose_waiting() noexcept;
    bool compose(Operation& operation) noexcept;
    Dialect& dialect_of(const Operation& operation);
    void expect_reply(Operation* operation) noexcept;
    Operation* take_front() noexcept;
    ngx_msec_t deadline() const;
    void post_turn_end() noexcept;
    void flush();
    void arm_deadline(ngx_msec_t deadline) noexcept;

    void receive();
    ngx_int_t receive_some();
    bool parse_received();
    void reject_reply();
    Parse parse();
    Parse parse_reply();
    Parse parse_greeting();
    Parse take_value();
    Parse take(Step step);
    void finish_front();
    void deliver() noexcept;

    std::string_view received() const { return {buffer_.get() + begin_, end_ - begin_}; }

    static constexpr std::size_t kReceiveBuffer = 64 * 1024;

    Server& server_;
    Role role_;
    Socket socket_;
    ngx_event_t deadline_event_{};
    ngx_event_t turn_end_event_{};

    State state_ = State::Closed;
    ngx_msec_t ready_by_ = 0;  // until then it may be made
    memcached::Greeting greeting_;
    memcached::OutQueue out_;
    MetaDialect meta_;
    ClassicDialect classic_;
    StatsDialect stats_;
    std::uint64_t number_ = 0;  // since it was opened, see Client::number_connection()
    // Which of the established ones it is, see Client::connections_established().
    std::uint64_t made_ = 0;
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

    LatencyProbe latency_probe_;

    OperationQueue waiting_;    // for the connection to become ready
    OperationQueue in_flight_;  // composed, not answered
    OperationQueue answered_;   // to be completed

    std::unique_ptr<char[]> buffer_;  // what was received and is not parsed: [begin_, end_)
    std::size_t begin_ = 0;
    std::size_t end_ = 0;

    IncomingValue value_;  // of the operation at the front
};

}  // namespace mcache::net
