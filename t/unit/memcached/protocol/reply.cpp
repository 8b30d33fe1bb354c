#include "memcached/protocol/reply.h"

#include <string>
#include <string_view>

#include "unit/catch.h"

using mcache::Parse;
using namespace mcache::memcached;

namespace {

Parse meta(std::string_view bytes, Reply& reply) {
    return parse_meta_reply(bytes, reply);
}

Parse classic(std::string_view bytes, Expect what) {
    Reply reply;
    return parse_classic_reply(bytes, what, reply);
}

}  // namespace

TEST_CASE("A meta reply's code becomes a status") {
    struct Case {
        std::string_view line;
        ReplyStatus status;
    };
    const Case cases[] = {
        {"VA 5\r\n", ReplyStatus::Value},
        {"HD\r\n", ReplyStatus::Ok},
        {"EN\r\n", ReplyStatus::Miss},
        {"NS\r\n", ReplyStatus::NotStored},
        {"EX\r\n", ReplyStatus::Exists},
        {"NF\r\n", ReplyStatus::NotFound},
        {"MN\r\n", ReplyStatus::NoOp},
        {"VERSION 1.6.18\r\n", ReplyStatus::Version},
        {"ERROR\r\n", ReplyStatus::Error},
        {"CLIENT_ERROR bad\r\n", ReplyStatus::Error},
        {"SERVER_ERROR\r\n", ReplyStatus::Error},
    };
    for (const Case& c : cases) {
        CAPTURE(c.line);
        Reply reply;
        REQUIRE(meta(c.line, reply) == Parse::Ok);
        CHECK(reply.status == c.status);
        CHECK(reply.line_size == c.line.size());
    }
}

TEST_CASE("A meta reply's flags are read in any order") {
    Reply reply;
    REQUIRE(meta("VA 1024 t29 f1835204864 c18446744073709551615 O4294967295 k/page W Z X\r\nbody",
                 reply) == Parse::Ok);
    CHECK(reply.status == ReplyStatus::Value);
    CHECK(reply.has_size);
    CHECK(reply.value_size == 1024);
    CHECK(reply.ttl == 29);
    CHECK(reply.has_flags);
    CHECK(reply.flags == 0x6D630100);
    CHECK(reply.has_cas);
    CHECK(reply.cas == UINT64_MAX);
    CHECK(reply.has_opaque);
    CHECK(reply.opaque == "4294967295");
    CHECK(reply.answers(UINT32_MAX));
    CHECK(reply.key == "/page");
    CHECK(reply.won);
    CHECK(reply.token_sent);
    CHECK(reply.stale);

    REQUIRE(meta("HD Z X W k\xc3\xa9 O0 c0 s7 f0 t-1\r\n", reply) == Parse::Ok);
    CHECK(reply.status == ReplyStatus::Ok);
    CHECK(reply.value_size == 7);
    CHECK(reply.ttl == kTtlUnlimited);
    CHECK(reply.answers(0));
    CHECK(reply.key == "\xc3\xa9");
}

TEST_CASE("What a meta reply does not say is absent") {
    Reply reply;
    REQUIRE(meta("HD W O1 k/a c2 f3 t4 s5\r\n", reply) == Parse::Ok);
    REQUIRE(meta("HD\r\n", reply) == Parse::Ok);
    CHECK_FALSE(reply.won);
    CHECK_FALSE(reply.stale);
    CHECK_FALSE(reply.token_sent);
    CHECK_FALSE(reply.has_opaque);
    CHECK_FALSE(reply.has_cas);
    CHECK_FALSE(reply.has_flags);
    CHECK_FALSE(reply.has_size);
    CHECK_FALSE(reply.key_is_base64);
    CHECK(reply.ttl == kTtlAbsent);
    CHECK(reply.key.empty());
    CHECK_FALSE(reply.answers(0));
}

TEST_CASE("A reply answers exactly the opaque token that was sent") {
    struct Case {
        std::string_view line;
        std::uint32_t sent;
        bool answers;
    };
    const Case cases[] = {
        {"EN O17\r\n", 17, true},   {"EN O17\r\n", 1, false},          {"EN O017\r\n", 17, false},
        {"EN O1 k7\r\n", 1, true},  {"EN O4294967313\r\n", 17, false}, {"EN\r\n", 17, false},
        {"EN O17x\r\n", 17, false},
    };
    for (const Case& c : cases) {
        CAPTURE(c.line, c.sent);
        Reply reply;
        REQUIRE(meta(c.line, reply) == Parse::Ok);
        CHECK(reply.answers(c.sent) == c.answers);
    }
}

TEST_CASE("Flags that this version does not know are skipped") {
    Reply reply;
    REQUIRE(meta("HD h1 l30 b i99 !x O5 \r\n", reply) == Parse::Ok);
    CHECK(reply.key_is_base64);
    CHECK(reply.answers(5));
    REQUIRE(meta("VA  3  O5\r\n", reply) == Parse::Ok);
    CHECK(reply.value_size == 3);
}

TEST_CASE("A TTL that memcached printed after it had run out is no time left") {
    Reply reply;
    REQUIRE(meta("HD t4294967295\r\n", reply) == Parse::Ok);
    CHECK(reply.ttl == 0);
    REQUIRE(meta("HD t2147483647\r\n", reply) == Parse::Ok);
    CHECK(reply.ttl == 2147483647);
}

TEST_CASE("What is no meta reply is invalid") {
    const std::string_view lines[] = {
        "\r\n",
        " HD\r\n",
        "HD\n",
        "HDx\r\n",
        "hd\r\n",
        "XX\r\n",
        "H\r\n",
        "VA\r\n",
        "VA \r\n",
        "VA x\r\n",
        "VA -1\r\n",
        "VA +1\r\n",
        "VA 1x\r\n",
        "VA 4294967296\r\n",
        "VA 1073741825\r\n",
        "VA 5 s6\r\n",
        "HD cx\r\n",
        "HD c\r\n",
        "HD c18446744073709551616\r\n",
        "HD f4294967296\r\n",
        "HD t-2\r\n",
        "HD t\r\n",
        "HD O\r\n",
        "HD k\r\n",
        "HD W1\r\n",
        "HD Zx\r\n",
        "HD O1 O2\r\n",
        "HD k/a k/b\r\n",
        "HD W W\r\n",
        "VERSION\r\n",
        "VERSION \r\n",
        "ERRORS\r\n",
        "STORED\r\n",
        "VALUE k 0 1\r\n",
        std::string_view("HD O\0\r\n", 8),
        std::string_view("HD\0\r\n", 5),
        "HD\tO1\r\n",
        "HD \x7f\r\n",
        "HD\r\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
    };
    for (const std::string_view line : lines) {
        CAPTURE(line);
        Reply reply;
        CHECK(meta(line, reply) == Parse::Invalid);
    }
}

TEST_CASE("A value larger than the caller allows is invalid") {
    Reply reply;
    CHECK(parse_meta_reply("VA 100\r\n", reply, 100) == Parse::Ok);
    CHECK(parse_meta_reply("VA 101\r\n", reply, 100) == Parse::Invalid);
    CHECK(parse_meta_reply("HD s101\r\n", reply, 100) == Parse::Invalid);
    CHECK(parse_classic_reply("VALUE k 0 100\r\n", Expect::Get, reply, 100) == Parse::Ok);
    CHECK(parse_classic_reply("VALUE k 0 101\r\n", Expect::Get, reply, 100) == Parse::Invalid);
}

TEST_CASE("The beginning of a line needs more, in both dialects") {
    const std::string_view lines[] = {
        "VA 1024 t29 f0 c77 O12 k/page W\r\n",
        "SERVER_ERROR out of memory storing object\r\n",
        "VERSION 1.6.18\r\n",
    };
    for (const std::string_view line : lines) {
        for (std::size_t size = 0; size < line.size(); ++size) {
            CAPTURE(line, size);
            Reply reply;
            CHECK(meta(line.substr(0, size), reply) == Parse::NeedMore);
            CHECK(classic(line.substr(0, size), Expect::Get) == Parse::NeedMore);
        }
    }
}

TEST_CASE("A line is bounded, and garbage is not waited for") {
    Reply reply;
    const std::string longest = "HD O" + std::string(kMaxReplyLine - 6, '1') + "\r\n";
    CHECK(meta(longest, reply) == Parse::Ok);
    CHECK(meta("HD O" + std::string(kMaxReplyLine - 5, '1') + "\r\n", reply) == Parse::Invalid);
    CHECK(meta(std::string(kMaxReplyLine - 1, 'x'), reply) == Parse::NeedMore);
    CHECK(meta(std::string(kMaxReplyLine, 'x'), reply) == Parse::Invalid);
    CHECK(meta(std::string_view("H\0", 2), reply) == Parse::Invalid);
    CHECK(meta("\x80\x01", reply) == Parse::Invalid);
    CHECK(meta("HD\rx", reply) == Parse::Invalid);
}

TEST_CASE("What follows the line is left alone") {
    Reply reply;
    REQUIRE(meta("EN O1\r\nVA garbage \0\n\n", reply) == Parse::Ok);
    CHECK(reply.line_size == 7);
    REQUIRE(parse_classic_reply("END\r\nEND\r\n", Expect::Get, reply) == Parse::Ok);
    CHECK(reply.line_size == kClassicEnd.size());
}

TEST_CASE("Errors are a reply to every command, with their kind and text") {
    struct Case {
        std::string_view line;
        ErrorKind kind;
    };
    const Case cases[] = {
        {"ERROR", ErrorKind::Protocol},
        {"ERROR Too many open connections", ErrorKind::Protocol},
        {"CLIENT_ERROR bad command line format", ErrorKind::Client},
        {"SERVER_ERROR object too large for cache", ErrorKind::Server},
    };
    for (const Case& c : cases) {
        CAPTURE(c.line);
        Reply reply;
        REQUIRE(meta(std::string(c.line) + "\r\n", reply) == Parse::Ok);
        CHECK(reply.status == ReplyStatus::Error);
        CHECK(reply.error == c.kind);
        const std::string bytes = std::string(c.line) + "\r\n";
        for (const Expect what : {Expect::Get, Expect::Store, Expect::Delete, Expect::Touch,
                                  Expect::Count, Expect::Version, Expect::Ok}) {
            REQUIRE(parse_classic_reply(bytes, what, reply) == Parse::Ok);
            CHECK(reply.status == ReplyStatus::Error);
            CHECK(reply.error == c.kind);
            CHECK(reply.text == c.line);
        }
    }
}

TEST_CASE("A classic VALUE line") {
    Reply reply;
    REQUIRE(parse_classic_reply("VALUE /page 4294967295 1024 18446744073709551615\r\nbody",
                                Expect::Get, reply) == Parse::Ok);
    CHECK(reply.status == ReplyStatus::Value);
    CHECK(reply.key == "/page");
    CHECK(reply.flags == UINT32_MAX);
    CHECK(reply.value_size == 1024);
    CHECK(reply.has_cas);
    CHECK(reply.cas == UINT64_MAX);
    REQUIRE(parse_classic_reply("VALUE k 0 0\r\n", Expect::Get, reply) == Parse::Ok);
    CHECK_FALSE(reply.has_cas);
    CHECK(reply.value_size == 0);
}

TEST_CASE("A classic reply has to answer the command") {
    struct Case {
        std::string_view line;
        Expect what;
        ReplyStatus status;
    };
    const Case cases[] = {
        {"END\r\n", Expect::Get, ReplyStatus::Miss},
        {"VALUE k 0 1\r\n", Expect::Get, ReplyStatus::Value},
        {"STORED\r\n", Expect::Store, ReplyStatus::Ok},
        {"NOT_STORED\r\n", Expect::Store, ReplyStatus::NotStored},
        {"EXISTS\r\n", Expect::Store, ReplyStatus::Exists},
        {"NOT_FOUND\r\n", Expect::Store, ReplyStatus::NotFound},
        {"DELETED\r\n", Expect::Delete, ReplyStatus::Ok},
        {"NOT_FOUND\r\n", Expect::Delete, ReplyStatus::NotFound},
        {"TOUCHED\r\n", Expect::Touch, ReplyStatus::Ok},
        {"NOT_FOUND\r\n", Expect::Touch, ReplyStatus::NotFound},
        {"17\r\n", Expect::Count, ReplyStatus::Ok},
        {"NOT_FOUND\r\n", Expect::Count, ReplyStatus::NotFound},
        {"VERSION 1.4.5\r\n", Expect::Version, ReplyStatus::Version},
        {"OK\r\n", Expect::Ok, ReplyStatus::Ok},
    };
    for (const Case& c : cases) {
        for (const Expect what : {Expect::Get, Expect::Store, Expect::Delete, Expect::Touch,
                                  Expect::Count, Expect::Version, Expect::Ok}) {
            CAPTURE(c.line, static_cast<int>(what));
            const bool fits = what == c.what || (c.line == "NOT_FOUND\r\n" &&
                                                 (what == Expect::Store || what == Expect::Delete ||
                                                  what == Expect::Touch || what == Expect::Count));
            Reply reply;
            REQUIRE(parse_classic_reply(c.line, what, reply) ==
                    (fits ? Parse::Ok : Parse::Invalid));
            if (fits) {
                CHECK(reply.status == c.status);
            }
        }
    }
}

TEST_CASE("The number that answers a classic incr") {
    Reply reply;
    REQUIRE(parse_classic_reply("18446744073709551615\r\n", Expect::Count, reply) == Parse::Ok);
    CHECK(reply.number == UINT64_MAX);
    REQUIRE(parse_classic_reply("9  \r\n", Expect::Count, reply) == Parse::Ok);
    CHECK(reply.number == 9);
    CHECK(classic("18446744073709551616\r\n", Expect::Count) == Parse::Invalid);
    CHECK(classic("9 9\r\n", Expect::Count) == Parse::Invalid);
    CHECK(classic("-9\r\n", Expect::Count) == Parse::Invalid);
}

TEST_CASE("What is no classic reply is invalid") {
    const std::string_view lines[] = {
        "VALUE\r\n",
        "VALUE k\r\n",
        "VALUE k 0\r\n",
        "VALUE k x 1\r\n",
        "VALUE k 0 x\r\n",
        "VALUE k 0 -1\r\n",
        "VALUE k 0 1 x\r\n",
        "VALUE k 0 1 2 3\r\n",
        "VALUES k 0 1\r\n",
        "END x\r\n",
        " END\r\n",
        "END\n",
        "VALUE k 0 1\n",
        "END \r\n",
        "VALUE k 4294967296 1\r\n",
        "VALUE k 0 4294967296\r\n",
    };
    for (const std::string_view line : lines) {
        CAPTURE(line);
        CHECK(classic(line, Expect::Get) == Parse::Invalid);
    }
}
