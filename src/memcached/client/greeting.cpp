// Whom a new connection talks to, and in which dialect: the TLS handshake, the user and the
// password, `version`, and where that is one that has the meta protocol `mn`, since a proxy may
// pass the version of the memcached behind it on.

#include "memcached/client/client.h"
#include "memcached/client/connection.h"
#include "memcached/client/server.h"
#include "memcached/client/tls.h"
#include "memcached/protocol/command.h"
#include "memcached/protocol/version.h"

namespace mcache::net {

namespace {

using memcached::ReplyStatus;
using memcached::speaks_meta;

// Asked for where a server ends the connection on any other question.
constexpr std::string_view kNobodysKey = "mcache:nobody";

void save_session(ngx_connection_t* c) {
    static_cast<Connection*>(c->data)->on_session();
}

void end_handshake(ngx_connection_t* c) {
    static_cast<Connection*>(c->data)->handle(&Connection::on_handshake);
}

}  // namespace

void Connection::secure() {
    ngx_connection_t* c = peer_.connection;
    state_ = State::Securing;
    c->pool = ngx_create_pool(NGX_MIN_POOL_SIZE, c->log);
    if (c->pool == nullptr) {
        fail_soon("no memory for TLS");
        return;
    }
    const ngx_int_t rc = begin_handshake(c, server_.pool().tls, server_.options().written,
                                         server_.tls_session(), save_session, end_handshake);
    if (rc != NGX_AGAIN) {
        on_handshake();
    }
}

void Connection::on_session() noexcept {
    server_.tls_session().save(peer_.connection);
}

void Connection::on_handshake() {
    ngx_connection_t* c = peer_.connection;
    watch();
    const std::string fault = handshake_fault(c, server_.pool().tls, server_.options().written);
    if (!fault.empty()) {
        fail_soon(fault);
        return;
    }
    greet();
    if (c->read->ready && !c->read->posted) {
        ngx_post_event(c->read, &ngx_posted_events);
    }
}

void Connection::greet() {
    state_ = State::Greeting;
    version_.clear();
    if (!server_.pool().auth.empty()) {
        ask(Question::Auth);
    } else {
        introduced();
    }
}

void Connection::introduced() {
    ask(manners_ == Manners::AskGet ? Question::Get : Question::Version);
}

void Connection::ask(Question question) {
    question_ = question;
    switch (question) {
        case Question::Auth: {
            // A server that does not ask for it stores an item that has expired already.
            const std::string& auth = server_.pool().auth;
            out_.append("set mcache 0 2592001 " + std::to_string(auth.size()) + "\r\n" + auth +
                        "\r\n");
            break;
        }
        case Question::Version:
            memcached::compose_version(out_);
            break;
        case Question::Meta:
            memcached::compose_noop(out_);
            break;
        case Question::Get:
            memcached::compose(out_, kNobodysKey, memcached::ClassicGet{.with_cas = false});
            break;
    }
    post_turn_end();
}

const char* Connection::unanswered_question() const {
    switch (question_) {
        case Question::Auth:
            return "no answer to user and password in time";
        case Question::Version:
            return "no answer to \"version\" in time";
        case Question::Meta:
            return "no answer to \"mn\" in time";
        case Question::Get:
            return "no answer to \"get\" in time";
    }
    return "no answer in time";
}

memcached::Expect Connection::expected_answer(Question question) {
    switch (question) {
        case Question::Auth:
            return memcached::Expect::Store;
        case Question::Get:
            return memcached::Expect::Get;
        default:
            return memcached::Expect::Version;
    }
}

Parse Connection::parse_greeting() {
    memcached::Reply reply;
    const Parse parsed = question_ == Question::Meta
                             ? parse_meta_reply(received(), reply)
                             : parse_classic_reply(received(), expected_answer(question_), reply);
    if (parsed != Parse::Ok) {
        return parsed;
    }
    begin_ += reply.line_size;
    switch (question_) {
        case Question::Auth:
            if (reply.status != ReplyStatus::Ok) {
                fault_ = "it refuses the user and password of auth_file";
                return Parse::Invalid;
            }
            introduced();
            return Parse::Ok;
        case Question::Version:
            if (reply.status == ReplyStatus::Version) {
                version_ = reply.text;
            } else if (reply.text == "CLIENT_ERROR unauthenticated") {
                fault_ = "it wants a user and a password, see auth_file";
                return Parse::Invalid;
            }
            // A proxy that does not know `version` still knows the classic commands.
            if (manners_ == Manners::AskAll && speaks_meta(version_)) {
                ask(Question::Meta);
            } else {
                ready(Dialect::Classic);
            }
            return Parse::Ok;
        case Question::Meta:
            if (reply.status != ReplyStatus::NoOp && reply.status != ReplyStatus::Error) {
                return Parse::Invalid;
            }
            ready(reply.status == ReplyStatus::NoOp ? Dialect::Meta : Dialect::Classic);
            return Parse::Ok;
        case Question::Get:
            if (reply.status != ReplyStatus::Miss) {
                return Parse::Invalid;
            }
            ready(Dialect::Classic);
            return Parse::Ok;
    }
    return Parse::Invalid;
}

void Connection::ready(Dialect dialect) {
    dialect_ = dialect;
    knows_gets_ = true;
    has_done_gets_ = doubts_gets_ = false;
    knows_cas_ = !version_.empty();
    if (dialect == Dialect::Meta) {
        server_.found(Lack::Meta);
    } else if (role_ != Role::Stats && server_.is_news(Lack::Meta)) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "mcache: memcached %s says version \"%*s\"%s: classic text protocol",
                      server_.name().c_str(), version_.size(), version_.data(),
                      speaks_meta(version_) ? " but does not know \"mn\"" : "");
    }
    state_ = State::Ready;
    // A worker that is to exit has its idle connections closed by nginx, which says nothing of the
    // server: what it was told over them still holds for the fills that it has left.
    made_ = ngx_exiting ? server_.client().connections_established()
                        : server_.client().count_established();
    server_.cells().add<metrics::Server::Connections>();
    server_.cells().add<metrics::Server::Connects>();
    heard_ = true;
    post_turn_end();
}

// The connection ended in answer to a question: it is opened anew, and the question left out.
bool Connection::retreat() {
    if (state_ != State::Greeting || question_ == Question::Auth || question_ == Question::Get) {
        return false;
    }
    manners_ = question_ == Question::Meta ? Manners::AskVersion : Manners::AskGet;
    close();
    connect();
    return true;
}

}  // namespace mcache::net
