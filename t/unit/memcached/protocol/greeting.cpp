#include "memcached/protocol/greeting.h"

#include <string>

#include "unit/catch.h"
#include "unit/memcached/protocol/queued.h"

using namespace mcache::memcached;
using Step = Greeting::Step;

namespace {

// A connection that a server answers.
struct Talk {
    explicit Talk(Greeting& greeting) : greeting_(greeting) { greeting_.begin(out_); }

    std::string asked() {
        std::string said = queued(out_);
        out_.clear();
        return said;
    }

    Step hear(std::string_view answer) {
        std::size_t used = 0;
        const Step step = greeting_.read(answer, used, out_);
        if (step == Step::Asked || step == Step::Done) {
            CHECK(used == answer.size());
        }
        return step;
    }

  private:
    Greeting& greeting_;
    OutQueue out_;
};

}  // namespace

TEST_CASE("greeting: a memcached with the meta protocol") {
    Greeting greeting("");
    Talk talk(greeting);
    CHECK(talk.asked() == "version\r\n");
    CHECK(std::string(greeting.no_answer()) == "no answer to \"version\" in time");
    CHECK(talk.hear("VERSION 1.6.1") == Step::NeedMore);
    CHECK(talk.hear("VERSION 1.6.18\r\n") == Step::Asked);
    CHECK(talk.asked() == "mn\r\n");
    CHECK(talk.hear("MN\r\n") == Step::Done);
    CHECK(greeting.version() == "1.6.18");
    CHECK(greeting.speaks_meta());
}

TEST_CASE("greeting: servers of the classic protocol") {
    Greeting greeting("");
    Talk talk(greeting);
    talk.asked();

    SECTION("an old memcached") {
        CHECK(talk.hear("VERSION 1.4.15\r\n") == Step::Done);
        CHECK(greeting.version() == "1.4.15");
    }
    SECTION("a proxy that passes on the version, and not the protocol") {
        CHECK(talk.hear("VERSION 1.6.18\r\n") == Step::Asked);
        CHECK(talk.hear("ERROR\r\n") == Step::Done);
    }
    SECTION("a proxy that does not know version") {
        CHECK(talk.hear("ERROR\r\n") == Step::Done);
        CHECK(greeting.version().empty());
    }
    CHECK(talk.asked().find("get") == std::string::npos);
    CHECK_FALSE(greeting.speaks_meta());
}

TEST_CASE("greeting: a server that ends the connection is not asked that again") {
    Greeting greeting("");
    {
        Talk talk(greeting);
        talk.asked();
        CHECK(talk.hear("VERSION 1.6.18\r\n") == Step::Asked);
    }
    CHECK(greeting.leave_question_out());  // mn
    {
        Talk talk(greeting);
        CHECK(talk.asked() == "version\r\n");
        CHECK(talk.hear("VERSION 1.6.18\r\n") == Step::Done);
        CHECK_FALSE(greeting.speaks_meta());
    }

    greeting.reset();
    { Talk talk(greeting); }
    CHECK(greeting.leave_question_out());  // version
    Talk talk(greeting);
    CHECK(talk.asked() == "get mcache:nobody\r\n");
    CHECK_FALSE(greeting.leave_question_out());
    CHECK(talk.hear("END\r\n") == Step::Done);
    CHECK(greeting.version().empty());
    CHECK_FALSE(greeting.speaks_meta());
}

TEST_CASE("greeting: user and password") {
    Greeting greeting("user pass");
    Talk talk(greeting);
    CHECK(talk.asked() == "set mcache 0 2592001 9\r\nuser pass\r\n");
    CHECK_FALSE(greeting.leave_question_out());

    SECTION("are right") {
        CHECK(talk.hear("STORED\r\n") == Step::Asked);
        CHECK(talk.asked() == "version\r\n");
    }
    SECTION("are wrong") {
        CHECK(talk.hear("CLIENT_ERROR authentication failure\r\n") == Step::Invalid);
        CHECK(std::string(greeting.fault()) == "it refuses the user and password of auth_file");
    }
}

TEST_CASE("greeting: a server that wants a password and is given none") {
    Greeting greeting("");
    Talk talk(greeting);
    CHECK(talk.hear("CLIENT_ERROR unauthenticated\r\n") == Step::Invalid);
    CHECK(std::string(greeting.fault()) == "it wants a user and a password, see auth_file");
}

TEST_CASE("greeting: what is no answer to the question") {
    Greeting greeting("");
    Talk talk(greeting);
    SECTION("of version") {
        CHECK(talk.hear("STORED\r\n") == Step::Invalid);
    }
    SECTION("of mn") {
        CHECK(talk.hear("VERSION 1.6.18\r\n") == Step::Asked);
        CHECK(talk.hear("HD\r\n") == Step::Invalid);
    }
    SECTION("of get") {
        CHECK(greeting.leave_question_out());
        Talk second(greeting);
        CHECK(second.hear("VALUE mcache:nobody 0 1\r\n") == Step::Invalid);
    }
    CHECK(greeting.fault() == nullptr);
}
