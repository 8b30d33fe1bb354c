#pragma once

// The start of a connection: user and password, `version`, and where that names a memcached that
// has the meta protocol `mn`, since a proxy may pass on the version of the memcached behind it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "memcached/protocol/out_queue.h"
#include "memcached/protocol/reply.h"

namespace mcache::memcached {

class Greeting {
  public:
    enum class Step : std::uint8_t {
        NeedMore,
        Asked,    // another question was appended
        Done,     // the server can be used: version() and speaks_meta()
        Invalid,  // it cannot: fault()
    };

    // `auth`: what a server with a list of users wants to read; empty: it has none. It must outlive
    // the greeting.
    explicit Greeting(std::string_view auth) : auth_(auth) {}

    // Every question may be asked again.
    void reset() { manners_ = Manners::AskAll; }

    // The connection is there: appends the first question.
    void begin(OutQueue& queue);

    // Reads one answer at the beginning of `bytes`. `used`: its size, where there was one.
    Step read(std::string_view bytes, std::size_t& used, OutQueue& queue);

    // The server ended the connection. True: it did in answer to a question that can be left out
    // of the greeting of the next connection.
    bool leave_question_out();

    std::string_view version() const { return version_; }  // empty where it said none
    bool speaks_meta() const { return speaks_meta_; }
    // Null: the answer was not one to the question.
    const char* fault() const { return fault_; }
    // For the log.
    const char* no_answer() const;

  private:
    enum class Question : std::uint8_t { Auth, Version, Meta, Get };
    // A server may end the connection where it does not know a command: then it is not asked again.
    enum class Manners : std::uint8_t { AskAll, AskVersion, AskGet };

    Step ask(Question question, OutQueue& queue);
    Step ask_who(OutQueue& queue);
    Step accept(const Reply& reply, OutQueue& queue);
    Step accept_version(const Reply& reply, OutQueue& queue);
    Step end(bool speaks_meta);
    Step refuse(const char* fault);

    std::string_view auth_;
    Question question_ = Question::Version;  // the last
    Manners manners_ = Manners::AskAll;
    bool speaks_meta_ = false;
    std::string version_;
    const char* fault_ = nullptr;
};

}  // namespace mcache::memcached
