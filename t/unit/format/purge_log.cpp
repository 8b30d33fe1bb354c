#include "format/purge_log.h"

#include <string>
#include <string_view>

#include "format/item_flags.h"
#include "unit/catch.h"

using mcache::Parse;
using namespace mcache::format;

namespace {

constexpr std::uint64_t kEpoch = 0x0123456789abcdef;
constexpr std::string_view kFirst = "mcache-purges 0123456789abcdef 0\n";

PurgeLog log_of(std::string_view lines, std::string_view first = kFirst) {
    PurgeLog log;
    REQUIRE(log.read(std::string(first) + std::string(lines)) == Parse::Ok);
    return log;
}

// Of an entry that was made when the log was empty.
Standing judged(std::string_view lines, std::string_view key, std::string_view tags = "") {
    return log_of(lines).judge({kEpoch, 0}, key, tags);
}

}  // namespace

TEST_CASE("A fresh log is read and says how far it goes") {
    PurgeLog log;
    CHECK(log.end() == Stamp{});
    REQUIRE(log.read(fresh_purge_log(kEpoch)) == Parse::Ok);
    CHECK(fresh_purge_log(kEpoch) == kFirst);
    CHECK(log.end() == Stamp{kEpoch, 0});
    CHECK(log.judge({kEpoch, 0}, "/a", "news") == Standing::Stands);
}

TEST_CASE("Positions count from the base on") {
    const PurgeLog log = log_of("tag a\ntag bc\n", "mcache-purges 0123456789abcdef 1000\n");
    CHECK(log.end() == Stamp{kEpoch, 1013});
    CHECK(log.judge({kEpoch, 999}, "", "") == Standing::Gone);
    CHECK(log.judge({kEpoch, 1000}, "", "") == Standing::Stands);
    CHECK(log.judge({kEpoch, 1000}, "", "a") == Standing::Gone);
    CHECK(log.judge({kEpoch, 1006}, "", "a") == Standing::Stands);
    CHECK(log.judge({kEpoch, 1006}, "", "bc") == Standing::Gone);
    CHECK(log.judge({kEpoch, 1013}, "", "a\nbc") == Standing::Stands);
    CHECK(log.judge({kEpoch, 1014}, "", "") == Standing::Gone);
}

TEST_CASE("An entry without a stamp, or of another log, is gone") {
    const PurgeLog log = log_of("");
    CHECK(log.judge({}, "", "") == Standing::Gone);
    CHECK(log.judge({kEpoch + 1, 0}, "", "") == Standing::Gone);
    CHECK(PurgeLog{}.judge({}, "", "") == Standing::Gone);
    CHECK(PurgeLog{}.judge({kEpoch, 0}, "", "") == Standing::Gone);
}

TEST_CASE("A tag is its own and no other's") {
    CHECK(judged("tag news\n", "/a", "news") == Standing::Gone);
    CHECK(judged("tag news\n", "/a", "sports\nnews\nweather") == Standing::Gone);
    CHECK(judged("tag news\n", "/a", "new\nnewsletter\nNews") == Standing::Stands);
    CHECK(judged("tag news\n", "news", "") == Standing::Stands);
    CHECK(judged("tag \xc3\xa9t\xc3\xa9\n", "", "\xc3\xa9t\xc3\xa9") == Standing::Gone);
}

TEST_CASE("What is under a string begins with it") {
    CHECK(judged("under /blog/\n", "/blog/") == Standing::Gone);
    CHECK(judged("under /blog/\n", "/blog/1?page=2") == Standing::Gone);
    CHECK(judged("under /blog/\n", "/blog") == Standing::Stands);
    CHECK(judged("under /blog/\n", "/Blog/1") == Standing::Stands);
    CHECK(judged("under \n", "/anything") == Standing::Gone);
    CHECK(judged("under /a b\n", "/a b/c") == Standing::Gone);
    CHECK(judged("under /a \n", "/a") == Standing::Stands);
    CHECK(judged("under /x\nunder /b\n", "/blog/") == Standing::Gone);
}

TEST_CASE("Softly purged is stale, unless it is gone") {
    CHECK(judged("soft-tag a\n", "/", "a") == Standing::Stale);
    CHECK(judged("soft-tag a\n", "/", "b") == Standing::Stands);
    CHECK(judged("soft-under /b\n", "/blog") == Standing::Stale);
    CHECK(judged("soft-under \n", "/blog") == Standing::Stale);
    CHECK(judged("tag a\nsoft-tag a\n", "/", "a") == Standing::Gone);
    CHECK(judged("soft-tag a\ntag b\n", "/", "a\nb") == Standing::Gone);
    CHECK(judged("soft-under \nunder /b\n", "/blog") == Standing::Gone);
    const PurgeLog log = log_of("tag a\nsoft-tag a\n");
    CHECK(log.judge({kEpoch, 6}, "", "a") == Standing::Stale);
}

TEST_CASE("A line that is none purges everything before it") {
    for (const std::string line :
         {"", "tag", "tag ", "tag a b", "tag a,b", "tags a", "Tag a", "under", "soft-",
          "soft-soft-tag a", "under /\x01", "under /\x7f", "under /\r",
          "mcache-purges 0123456789abcdef 0", "\x80", "tag a\t"}) {
        CAPTURE(line);
        const PurgeLog log = log_of(line + "\n");
        CHECK(log.judge({kEpoch, 0}, "", "") == Standing::Gone);
        CHECK(log.judge({kEpoch, line.size() + 1}, "", "") == Standing::Stands);
    }
    CHECK(log_of("tag a\nx\n").judge({kEpoch, 6}, "", "") == Standing::Gone);
}

TEST_CASE("What has no first line, or no end, is no log") {
    for (const std::string text :
         {"", "\n", "mcache-purges", "mcache-purges 0123456789abcdef 0",
          "mcache-purges 0123456789abcdef\n", "mcache-purges 0123456789abcde 0\n",
          "mcache-purges 0123456789ABCDEF 0\n", "mcache-purges 0000000000000000 0\n",
          "mcache-purges 0123456789abcdef -1\n", "mcache-purges 0123456789abcdef 0 \n",
          "mcache-purges 0123456789abcdef  0\n", "mcache-purges 0123456789abcdefg0\n",
          "mcache-purges 0123456789abcdef 9223372036854775807\n",
          "mcache-purges 0123456789abcdef 99999999999999999999\n",
          "xcache-purges 0123456789abcdef 0\n", "mcache-purges 0123456789abcdef 0\ntag a",
          "mcache-purges 0123456789abcdef 0\r\n"}) {
        CAPTURE(text);
        PurgeLog log = log_of("tag a\n");
        CHECK(log.read(text) == Parse::Invalid);
        CHECK(log.end() == Stamp{});
        CHECK(log.judge({kEpoch, 6}, "", "") == Standing::Gone);
    }
}

TEST_CASE("A log that grows, piece by piece or at once, is the same") {
    const std::string lines =
        "tag a\nunder /b\nsoft-tag c\nunder \nnonsense\nsoft-under /d\ntag a\n";
    const PurgeLog at_once = log_of(lines);
    PurgeLog log;
    for (std::size_t end = 0; end != std::string::npos; end = lines.find('\n', end)) {
        end += end == 0 ? 0 : 1;
        REQUIRE(log.read(std::string(kFirst) + lines.substr(0, end)) == Parse::Ok);
        CHECK(log.end() == Stamp{kEpoch, end});
    }
    CHECK(log.end() == at_once.end());
    for (std::uint64_t position = 0; position <= lines.size() + 1; ++position) {
        for (const std::string_view key : {"/a", "/b", "/d"}) {
            for (const std::string_view tags : {"", "a", "c", "a\nc"}) {
                CHECK(log.judge({kEpoch, position}, key, tags) ==
                      at_once.judge({kEpoch, position}, key, tags));
            }
        }
    }
}

TEST_CASE("Another epoch, another base or a shorter log begins anew") {
    PurgeLog log = log_of("tag a\ntag b\n");
    REQUIRE(log.read(std::string(kFirst) + "tag b\n") == Parse::Ok);
    CHECK(log.judge({kEpoch, 0}, "", "a") == Standing::Stands);
    CHECK(log.judge({kEpoch, 0}, "", "b") == Standing::Gone);
    REQUIRE(log.read("mcache-purges 0123456789abcdef 6\ntag c\n") == Parse::Ok);
    CHECK(log.judge({kEpoch, 6}, "", "b") == Standing::Stands);
    CHECK(log.judge({kEpoch, 0}, "", "") == Standing::Gone);
    REQUIRE(log.read(fresh_purge_log(7)) == Parse::Ok);
    CHECK(log.judge({kEpoch, 6}, "", "") == Standing::Gone);
    CHECK(log.judge({7, 0}, "", "c") == Standing::Stands);
}

TEST_CASE("A compacted log keeps its last half, and what is older than that is gone") {
    std::string text(kFirst);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(append_tag_purge(text, "t" + std::to_string(i), false));
    }
    PurgeLog before;
    REQUIRE(before.read(text) == Parse::Ok);
    const std::string shorter = compacted_purge_log(text);
    PurgeLog after;
    REQUIRE(after.read(shorter) == Parse::Ok);
    CHECK(shorter.size() < text.size() / 2 + 40);
    CHECK(shorter.size() > text.size() / 3);
    CHECK(after.end() == before.end());
    CHECK(after.judge({kEpoch, 0}, "", "none") == Standing::Gone);
    for (const std::string_view tags : {"t0", "t98", "t99", "none"}) {
        for (const std::uint64_t back : {0u, 8u, 20u}) {
            const Stamp stamp{kEpoch, before.end().position - back};
            CHECK(after.judge(stamp, "", tags) == before.judge(stamp, "", tags));
        }
    }
    CHECK(compacted_purge_log(kFirst) == kFirst);
    CHECK(compacted_purge_log(std::string(kFirst) + "tag a\n") ==
          "mcache-purges 0123456789abcdef 6\n");
}

TEST_CASE("Records that are composed are read as they were meant") {
    std::string lines;
    CHECK(append_tag_purge(lines, "a", false));
    CHECK(append_tag_purge(lines, "b", true));
    CHECK(append_prefix_purge(lines, "/c", false));
    CHECK(append_prefix_purge(lines, "", true));
    CHECK(lines == "tag a\nsoft-tag b\nunder /c\nsoft-under \n");
    for (const std::string_view wrong : {"", "a b", "a,b", "a\n", "\x7f"}) {
        CHECK_FALSE(append_tag_purge(lines, wrong, false));
    }
    for (const std::string_view wrong : {"\n", "/a\r", "\x1f", "a\x7f"}) {
        CHECK_FALSE(append_prefix_purge(lines, wrong, false));
    }
    CHECK(lines == "tag a\nsoft-tag b\nunder /c\nsoft-under \n");
}

TEST_CASE("The flags of a log are no page's, and another log's are others") {
    for (std::uint64_t epoch = 1; epoch < 0x30000; ++epoch) {
        REQUIRE(classify_item(purge_log_flags(epoch), "log") == ItemKind::Foreign);
    }
    CHECK(purge_log_flags(1) != purge_log_flags(2));
}

TEST_CASE("Epochs differ by the clock and, at one time, by chance") {
    CHECK(make_purge_epoch(1, 5) != make_purge_epoch(1, 6));
    CHECK(make_purge_epoch(1, 5) != make_purge_epoch(2, 5));
    CHECK(make_purge_epoch(2, 0) > make_purge_epoch(1, ~std::uint64_t{0}));
    CHECK(make_purge_epoch(0, 0) != 0);
    PurgeLog log;
    CHECK(log.read(fresh_purge_log(1)) == Parse::Ok);
    CHECK(log.read(fresh_purge_log(~std::uint64_t{0})) == Parse::Ok);
}

TEST_CASE("A server that missed a purge is known by the epoch that its log had at most") {
    std::string text = fresh_purge_log(7);
    CHECK(append_lost(text, "10.0.0.1:11211", 0x1000));
    CHECK(append_lost(text, "unix:/run/a b.sock", 0x2000));
    CHECK(text == fresh_purge_log(7) +
                      "lost 10.0.0.1:11211 0000000000001000\n"
                      "lost unix:/run/a b.sock 0000000000002000\n");
    PurgeLog log;
    REQUIRE(log.read(text) == Parse::Ok);
    CHECK(log.lost_until("10.0.0.1:11211") == 0x1000);
    CHECK(log.lost_until("unix:/run/a b.sock") == 0x2000);
    CHECK(log.lost_until("10.0.0.1:1121") == 0);
    CHECK(log.judge({7, 0}, "/a", "a") == Standing::Stands);
}

TEST_CASE("Each later loss reaches beyond a log that was made after the one before") {
    std::string text = fresh_purge_log(7);
    std::uint64_t made = 0;
    PurgeLog log;
    for (int i = 0; i < 5; ++i) {
        // Another node's clock, which is behind.
        REQUIRE(append_lost(text, "s", 0x100000 - static_cast<std::uint64_t>(i)));
        REQUIRE(log.read(text) == Parse::Ok);
        CHECK(log.lost_until("s") > made);
        made = next_purge_epoch(1, ~std::uint64_t{0}, log.lost_until("s"));
        CHECK(made > log.lost_until("s"));
    }
    CHECK(next_purge_epoch(0x500, 3, 7) == make_purge_epoch(0x500, 3));
}

TEST_CASE("A line about a lost server that says no epoch purges everything") {
    for (const std::string_view line :
         {"lost ", "lost s", "lost s ", "lost  0000000000001000", "lost s 0000000000000000",
          "lost s 00000000000010000", "lost s 000000000000100G", "lost s ffffffffffffffff",
          "soft-lost s 0000000000001000"}) {
        PurgeLog log;
        REQUIRE(log.read(fresh_purge_log(7) + std::string(line) + "\n") == Parse::Ok);
        CAPTURE(line);
        CHECK(log.judge({7, 0}, "/a", "") == Standing::Gone);
        CHECK(log.lost_until("s") == 0);
    }
    std::string lines;
    CHECK_FALSE(append_lost(lines, "", 1));
    CHECK_FALSE(append_lost(lines, "a\nb", 1));
    CHECK(lines.empty());
}

TEST_CASE("A compacted log still knows the servers that were lost") {
    std::string text = fresh_purge_log(7);
    REQUIRE(append_lost(text, "early", 0x1000));
    for (int i = 0; i < 100; ++i) {
        REQUIRE(append_tag_purge(text, "t" + std::to_string(i), false));
    }
    REQUIRE(append_lost(text, "late", 0x2000));
    PurgeLog before;
    REQUIRE(before.read(text) == Parse::Ok);
    PurgeLog after;
    REQUIRE(after.read(compacted_purge_log(text)) == Parse::Ok);
    CHECK(after.lost_until("early") == 0x1000);
    CHECK(after.lost_until("late") == 0x2000);
    CHECK(after.end().position >= before.end().position);
    CHECK(after.judge(before.end(), "", "t99") == Standing::Stands);
    CHECK(after.judge({7, before.end().position - 60}, "", "t99") == Standing::Gone);
}
