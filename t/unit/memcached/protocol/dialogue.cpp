// What compose() writes and the parsers read, against the memcached that is installed.

#include <ctime>
#include <string>
#include <string_view>

#include "memcached/protocol/command.h"
#include "memcached/protocol/reply.h"
#include "unit/catch.h"
#include "unit/memcached/protocol/server_process.h"

using mcache::Parse;
using namespace mcache::memcached;

namespace {

// A reply that outlives the bytes that it was read from.
struct Answer {
    Reply reply;
    std::string line;
    std::string data;
};

class Dialogue {
  public:
    bool is_possible() const { return server_.is_running(); }

    template <class Command, class... Data>
    Answer meta(std::string_view key, const Command& command, Data... data) {
        REQUIRE(compose(queue_, key, command, data...));
        return next_meta();
    }

    template <class Command, class... Data>
    Answer classic(Expect what, std::string_view key, const Command& command, Data... data) {
        REQUIRE(compose(queue_, key, command, data...));
        REQUIRE(server_.send(queue_));
        Answer answer = next([what](std::string_view bytes, Reply& reply) {
            return parse_classic_reply(bytes, what, reply);
        });
        if (answer.reply.status == ReplyStatus::Value) {
            REQUIRE(take(kClassicEnd.size()) == kClassicEnd);
        }
        return answer;
    }

    Answer next_meta() {
        REQUIRE(server_.send(queue_));
        return next(
            [](std::string_view bytes, Reply& reply) { return parse_meta_reply(bytes, reply); });
    }

    OutQueue& queue() { return queue_; }
    bool is_drained() const { return received_.empty(); }

  private:
    template <class Parser>
    Answer next(Parser parse) {
        Answer answer;
        Parse parsed = parse(received_, answer.reply);
        while (parsed == Parse::NeedMore) {
            REQUIRE(server_.receive(received_));
            parsed = parse(received_, answer.reply);
        }
        CAPTURE(received_);
        REQUIRE(parsed == Parse::Ok);
        answer.line = take(answer.reply.line_size);
        if (answer.reply.status == ReplyStatus::Value) {
            answer.data = take(answer.reply.value_size);
            REQUIRE(take(kCrlf.size()) == kCrlf);
        }
        return answer;
    }

    std::string take(std::size_t size) {
        while (received_.size() < size) {
            REQUIRE(server_.receive(received_));
        }
        const std::string taken = received_.substr(0, size);
        received_.erase(0, size);
        return taken;
    }

    ServerProcess server_;
    OutQueue queue_;
    std::string received_;
};

MetaGet get_with(std::uint32_t vivify, std::uint32_t recache = 0) {
    MetaGet get;
    get.vivify = vivify;
    get.recache = recache;
    return get;
}

MetaSet set_with_ttl(std::uint32_t ttl) {
    MetaSet set;
    set.ttl = ttl;
    return set;
}

#define DIALOGUE(name)                                 \
    Dialogue name;                                     \
    if (!name.is_possible()) {                         \
        WARN("memcached is not installed: not shown"); \
        return;                                        \
    }

}  // namespace

TEST_CASE("A lease: one winner, and a store that a purge voids") {
    DIALOGUE(server);
    CHECK(server.meta("/page", MetaGet{}).reply.status == ReplyStatus::Miss);

    const Answer winner = server.meta("/page", get_with(30));
    CHECK(winner.reply.status == ReplyStatus::Value);
    CHECK(winner.reply.won);
    CHECK(winner.data.empty());
    CHECK(winner.reply.ttl > 0);
    REQUIRE(winner.reply.has_cas);

    const Answer loser = server.meta("/page", get_with(30));
    CHECK_FALSE(loser.reply.won);
    CHECK(loser.reply.token_sent);
    CHECK(loser.reply.cas == winner.reply.cas);

    CHECK(server.meta("/page", MetaDelete{}).reply.status == ReplyStatus::Ok);
    MetaSet late = set_with_ttl(60);
    late.cas = winner.reply.cas;
    CHECK(server.meta("/page", late, std::string_view("old")).reply.status ==
          ReplyStatus::NotFound);

    const Answer second = server.meta("/page", get_with(30));
    CHECK(second.reply.won);
    CHECK(server.meta("/page", late, std::string_view("old")).reply.status == ReplyStatus::Exists);
    MetaSet in_time = set_with_ttl(60);
    in_time.cas = second.reply.cas;
    in_time.flags = 0x6D630100;
    in_time.return_cas = true;
    const Answer stored = server.meta("/page", in_time, std::string_view("new\r\nEN\r\n"));
    CHECK(stored.reply.status == ReplyStatus::Ok);
    CHECK(stored.reply.has_cas);

    const Answer hit = server.meta("/page", get_with(30));
    CHECK(hit.data == "new\r\nEN\r\n");
    CHECK(hit.reply.flags == 0x6D630100);
    CHECK(hit.reply.cas == stored.reply.cas);
    CHECK_FALSE(hit.reply.won);
}

TEST_CASE("A soft purge: stale for all, won by one, taken over with the CAS") {
    DIALOGUE(server);
    server.meta("/page", set_with_ttl(600), std::string_view("body"));
    MetaDelete purge;
    purge.invalidate = true;
    purge.ttl = 60;
    CHECK(server.meta("/page", purge).reply.status == ReplyStatus::Ok);

    const Answer winner = server.meta("/page", MetaGet{});
    CHECK(winner.reply.stale);
    CHECK(winner.reply.won);
    CHECK(winner.data == "body");
    CHECK(winner.reply.ttl <= 60);
    const Answer loser = server.meta("/page", MetaGet{});
    CHECK(loser.reply.stale);
    CHECK(loser.reply.token_sent);
    CHECK_FALSE(loser.reply.won);

    purge.cas = loser.reply.cas;
    CHECK(server.meta("/page", purge).reply.status == ReplyStatus::Ok);
    CHECK(server.meta("/page", purge).reply.status == ReplyStatus::Exists);
    CHECK(server.meta("/page", MetaGet{}).reply.won);
}

TEST_CASE("An early refresh is won once") {
    DIALOGUE(server);
    server.meta("/page", set_with_ttl(30), std::string_view("body"));
    CHECK_FALSE(server.meta("/page", get_with(0, 10)).reply.won);
    CHECK(server.meta("/page", get_with(0, 60)).reply.won);
    const Answer loser = server.meta("/page", get_with(0, 60));
    CHECK_FALSE(loser.reply.won);
    CHECK(loser.reply.token_sent);
}

TEST_CASE("The state of an item is had without its value") {
    DIALOGUE(server);
    server.meta("/page", set_with_ttl(0), std::string_view("body"));
    MetaGet state;
    state.value = false;
    state.key = true;
    state.no_bump = true;
    const Answer answer = server.meta("/page", state);
    CHECK(answer.reply.status == ReplyStatus::Ok);
    CHECK(answer.reply.value_size == 4);
    CHECK(answer.reply.ttl == kTtlUnlimited);
    CHECK(answer.reply.has_cas);
    CHECK(answer.line.find(" k/page") != std::string::npos);
    state.touch = 60;
    CHECK(server.meta("/page", state).reply.ttl > 0);
}

TEST_CASE("A TTL beyond thirty days is not taken for a date in 1970") {
    DIALOGUE(server);
    constexpr std::int64_t kDay = 86400;
    for (const std::int64_t days : {29, 30, 31, 400}) {
        CAPTURE(days);
        server.meta("/page", set_with_ttl(wire_ttl(days * kDay, std::time(nullptr))),
                    std::string_view("body"));
        const Answer answer = server.meta("/page", MetaGet{});
        REQUIRE(answer.reply.status == ReplyStatus::Value);
        CHECK(answer.reply.ttl > (days - 1) * kDay);
    }
}

TEST_CASE("Counters") {
    DIALOGUE(server);
    MetaArithmetic count;
    CHECK(server.meta("gen", count).reply.status == ReplyStatus::NotFound);
    count.create = true;
    count.initial = 1700000000;
    count.return_cas = true;
    const Answer created = server.meta("gen", count);
    CHECK(created.data == "1700000000");
    CHECK(created.reply.has_cas);
    CHECK(server.meta("gen", count).data == "1700000001");
    count.decrement = true;
    count.delta = 2;
    CHECK(server.meta("gen", count).data == "1699999999");
    count.cas = created.reply.cas;
    CHECK(server.meta("gen", count).reply.status == ReplyStatus::Exists);
    count.cas.reset();
    count.value = false;
    CHECK(server.meta("gen", count).reply.status == ReplyStatus::Ok);
}

TEST_CASE("A pipeline is answered in order, quiet commands only when there is something to say") {
    DIALOGUE(server);
    for (std::uint32_t i = 0; i < 500; ++i) {
        MetaSet set = set_with_ttl(60);
        set.opaque = i;
        set.quiet = true;
        REQUIRE(compose(server.queue(), "k" + std::to_string(i), set, std::to_string(i)));
    }
    for (std::uint32_t i = 0; i < 1000; ++i) {
        MetaGet get;
        get.opaque = i;
        get.quiet = i % 2 == 1;
        REQUIRE(compose(server.queue(), "k" + std::to_string(i), get));
    }
    compose_noop(server.queue());
    for (std::uint32_t i = 0; i < 1000; ++i) {
        if (i >= 500 && i % 2 == 1) {
            continue;
        }
        const Answer answer = server.next_meta();
        REQUIRE((i < 500 ? answer.data == std::to_string(i)
                         : answer.reply.status == ReplyStatus::Miss));
        REQUIRE(answer.line.find(" O" + std::to_string(i)) != std::string::npos);
    }
    CHECK(server.next_meta().reply.status == ReplyStatus::NoOp);
    CHECK(server.is_drained());
}

TEST_CASE("A key of any legal bytes is stored and found") {
    DIALOGUE(server);
    std::string every_byte;
    for (int byte = 0x21; byte < 0x100; ++byte) {
        if (byte != 0x7f) {
            every_byte += static_cast<char>(byte);
        }
    }
    for (const std::string& key : {every_byte, std::string(250, 'k')}) {
        CHECK(server.meta(key, set_with_ttl(60), std::string_view("body")).reply.status ==
              ReplyStatus::Ok);
        CHECK(server.meta(key, MetaGet{}).data == "body");
    }
    compose_version(server.queue());
    CHECK(server.next_meta().reply.status == ReplyStatus::Version);
}

TEST_CASE("The classic protocol") {
    DIALOGUE(server);
    CHECK(server.classic(Expect::Get, "/page", ClassicGet{}).reply.status == ReplyStatus::Miss);
    ClassicSet set;
    set.mode = SetMode::Add;
    set.flags = 16;
    set.ttl = 60;
    const auto store = [&](std::string_view data) {
        return server.classic(Expect::Store, "/page", set, data).reply.status;
    };
    CHECK(store("one") == ReplyStatus::Ok);
    CHECK(store("two") == ReplyStatus::NotStored);
    const Answer hit = server.classic(Expect::Get, "/page", ClassicGet{});
    CHECK(hit.data == "one");
    CHECK(hit.reply.flags == 16);
    REQUIRE(hit.reply.has_cas);
    set.mode = SetMode::Append;
    CHECK(store(" more") == ReplyStatus::Ok);
    const Answer longer = server.classic(Expect::Get, "/page", ClassicGet{});
    CHECK(longer.data == "one more");
    set.mode = SetMode::Set;
    set.cas = longer.reply.cas;
    CHECK(store("END\r\n") == ReplyStatus::Ok);
    CHECK(store("three") == ReplyStatus::Exists);
    CHECK(server.classic(Expect::Get, "/page", ClassicGet{false}).data == "END\r\n");
    CHECK(server.classic(Expect::Touch, "/page", ClassicTouch{60}).reply.status == ReplyStatus::Ok);
    CHECK(server.classic(Expect::Delete, "/page", ClassicDelete{}).reply.status == ReplyStatus::Ok);
    CHECK(server.classic(Expect::Delete, "/page", ClassicDelete{}).reply.status ==
          ReplyStatus::NotFound);
    CHECK(store("four") == ReplyStatus::NotFound);
    set.cas.reset();
    CHECK(store("41") == ReplyStatus::Ok);
    CHECK(server.classic(Expect::Count, "/page", ClassicIncr{1}).reply.number == 42);
    CHECK(server.classic(Expect::Count, "/none", ClassicIncr{1}).reply.status ==
          ReplyStatus::NotFound);
}

TEST_CASE("What memcached refuses is an error, and the next command is answered") {
    DIALOGUE(server);
    const std::string too_large(2 * 1024 * 1024, 'x');
    const Answer refused = server.meta("/page", set_with_ttl(60), std::string_view(too_large));
    CHECK(refused.reply.status == ReplyStatus::Error);
    CHECK(refused.reply.error == ErrorKind::Server);
    CHECK(refused.line == "SERVER_ERROR object too large for cache\r\n");
    CHECK(server.meta("/page", MetaGet{}).reply.status == ReplyStatus::Miss);
    server.queue().append("bogus\r\n");
    CHECK(server.next_meta().reply.error == ErrorKind::Protocol);
    server.queue().append("mg k O1 O2\r\n");
    CHECK(server.next_meta().reply.error == ErrorKind::Client);
    CHECK(server.is_drained());
}
