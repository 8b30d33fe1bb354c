#include "memcached/protocol/greeting.h"

#include "memcached/protocol/command.h"
#include "memcached/protocol/version.h"

namespace mcache::memcached {

namespace {

// Asked for where a server ends the connection on any other question.
constexpr std::string_view kNobodysKey = "mcache:nobody";

}  // namespace

void Greeting::begin(OutQueue& queue) {
    version_.clear();
    fault_ = nullptr;
    if (auth_.empty()) {
        ask_who(queue);
    } else {
        ask(Question::Auth, queue);
    }
}

Greeting::Step Greeting::ask_who(OutQueue& queue) {
    return ask(manners_ == Manners::AskGet ? Question::Get : Question::Version, queue);
}

Greeting::Step Greeting::ask(Question question, OutQueue& queue) {
    question_ = question;
    switch (question) {
        case Question::Auth:
            // A server that does not ask for it stores an item that has expired already.
            queue.append("set mcache 0 2592001 " + std::to_string(auth_.size()) + "\r\n");
            queue.append(auth_);
            queue.append(kCrlf);
            break;
        case Question::Version:
            compose_version(queue);
            break;
        case Question::Meta:
            compose_noop(queue);
            break;
        case Question::Get:
            compose(queue, kNobodysKey, ClassicGet{.with_cas = false});
            break;
    }
    return Step::Asked;
}

const char* Greeting::no_answer() const {
    switch (question_) {
        case Question::Auth:
            return "no answer to user and password in time";
        case Question::Version:
            return "no answer to \"version\" in time";
        case Question::Meta:
            return "no answer to \"mn\" in time";
        case Question::Get:
            break;
    }
    return "no answer to \"get\" in time";
}

Greeting::Step Greeting::read(std::string_view bytes, std::size_t& used, OutQueue& queue) {
    Reply reply;
    Parse parsed = Parse::Invalid;
    switch (question_) {
        case Question::Auth:
            parsed = parse_classic_reply(bytes, Expect::Store, reply);
            break;
        case Question::Version:
            parsed = parse_classic_reply(bytes, Expect::Version, reply);
            break;
        case Question::Meta:
            parsed = parse_meta_reply(bytes, reply);
            break;
        case Question::Get:
            parsed = parse_classic_reply(bytes, Expect::Get, reply);
            break;
    }
    if (parsed != Parse::Ok) {
        return parsed == Parse::NeedMore ? Step::NeedMore : Step::Invalid;
    }
    used = reply.line_size;
    return accept(reply, queue);
}

Greeting::Step Greeting::accept(const Reply& reply, OutQueue& queue) {
    switch (question_) {
        case Question::Auth:
            return reply.status == ReplyStatus::Ok
                       ? ask_who(queue)
                       : refuse("it refuses the user and password of auth_file");
        case Question::Version:
            return accept_version(reply, queue);
        case Question::Meta:
            return reply.status == ReplyStatus::NoOp || reply.status == ReplyStatus::Error
                       ? end(reply.status == ReplyStatus::NoOp)
                       : Step::Invalid;
        case Question::Get:
            break;
    }
    return reply.status == ReplyStatus::Miss ? end(false) : Step::Invalid;
}

Greeting::Step Greeting::accept_version(const Reply& reply, OutQueue& queue) {
    if (reply.status == ReplyStatus::Version) {
        version_ = reply.text;
    } else if (reply.text == "CLIENT_ERROR unauthenticated") {
        return refuse("it wants a user and a password, see auth_file");
    }
    // A proxy that does not know `version` still knows the classic commands.
    return manners_ == Manners::AskAll && memcached::speaks_meta(version_)
               ? ask(Question::Meta, queue)
               : end(false);
}

Greeting::Step Greeting::end(bool speaks_meta) {
    speaks_meta_ = speaks_meta;
    return Step::Done;
}

Greeting::Step Greeting::refuse(const char* fault) {
    fault_ = fault;
    return Step::Invalid;
}

bool Greeting::leave_question_out() {
    if (question_ == Question::Auth || question_ == Question::Get) {
        return false;
    }
    manners_ = question_ == Question::Meta ? Manners::AskVersion : Manners::AskGet;
    return true;
}

}  // namespace mcache::memcached
