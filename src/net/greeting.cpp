// Whom a new connection talks to, and in which dialect: `version`, and where that is one that has
// the meta protocol `mn`, since a proxy may pass the version of the memcached behind it on.

#include <algorithm>

#include "base/integer.h"
#include "memcached/command.h"
#include "net/client.h"
#include "net/connection.h"
#include "net/server.h"

namespace mcache::net {

namespace {

using memcached::ReplyStatus;

// The first memcached whose meta commands are all there.
constexpr unsigned kMetaVersion[] = {1, 6, 18};

bool speaks_meta(std::string_view version) {
    for (unsigned wanted : kMetaVersion) {
        const std::size_t digits =
            std::min(version.find_first_not_of("0123456789"), version.size());
        const auto part = parse_decimal<unsigned>(version.substr(0, digits));
        if (!part) {
            return false;
        }
        if (*part != wanted) {
            return *part > wanted;
        }
        version.remove_prefix(std::min(digits + 1, version.size()));
    }
    return true;
}

}  // namespace

void Connection::greet() {
    if (!server_.options().is_unix) {
        int on = 1;
        (void)setsockopt(peer_.connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    state_ = State::Greeting;
    version_.clear();
    if (manners_ == Manners::AskNothing) {
        ready(Dialect::Classic);
    } else {
        ask(Question::Version);
    }
}

void Connection::ask(Question question) {
    question_ = question;
    switch (question) {
        case Question::Version:
            memcached::compose_version(out_);
            break;
        case Question::Meta:
            memcached::compose_noop(out_);
            break;
    }
    post_flush();
}

Parse Connection::parse_greeting() {
    memcached::Reply reply;
    const Parse parsed = question_ == Question::Meta
                             ? parse_meta_reply(received(), reply)
                             : parse_classic_reply(received(), memcached::Expect::Version, reply);
    if (parsed != Parse::Ok) {
        return parsed;
    }
    begin_ += reply.line_size;
    switch (question_) {
        case Question::Version:
            // A proxy that does not know `version` still knows the classic commands.
            if (reply.status == ReplyStatus::Version) {
                version_ = reply.text;
            }
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
    }
    return Parse::Invalid;
}

void Connection::ready(Dialect dialect) {
    dialect_ = dialect;
    knows_gets_ = true;
    knows_cas_ = !version_.empty();
    if (dialect == Dialect::Classic) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "mcache: memcached %s says version \"%*s\"%s: classic text protocol",
                      server_.name().c_str(), version_.size(), version_.data(),
                      speaks_meta(version_) ? " but does not know \"mn\"" : "");
    }
    state_ = State::Ready;
    heard_ = true;
    while (!waiting_.empty()) {
        compose(waiting_.pop());
    }
    post_flush();
}

// The connection ended in answer to a question: it is opened anew, and the question left out.
bool Connection::retreat() {
    if (state_ != State::Greeting) {
        return false;
    }
    manners_ = question_ == Question::Meta ? Manners::AskVersion : Manners::AskNothing;
    close();
    connect();
    return true;
}

}  // namespace mcache::net
