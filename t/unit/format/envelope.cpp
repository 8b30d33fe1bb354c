#include "format/envelope.h"

#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "format/little_endian.h"
#include "unit/catch.h"

using namespace mcache::format;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

struct Sample {
    EntryHead head;
    std::vector<EntryHeader> headers;
    std::vector<EntrySection> sections;
    std::string body;

    std::string encoded() {
        head.headers = headers;
        head.sections = sections;
        head.body_size = body.size();
        const std::size_t size = encoded_head_size(head);
        REQUIRE(size != 0);
        std::string value(size, '\xEE');
        encode_head(head, value.data());
        return value + body;
    }
};

Sample page() {
    Sample sample;
    sample.head.status = 200;
    sample.head.key = "https://example.com/page?a=b c";
    sample.head.generated = kNow - 5;
    sample.head.stored_at = kNow;
    sample.head.fresh_until = kNow + 60;
    sample.head.stale_while_revalidate = 30;
    sample.head.stale_if_error = 86400;
    sample.head.last_modified = kNow - 1000;
    sample.head.attributes = kMustRevalidate | kBodyComplete;
    sample.headers = {{HeaderId::ContentType, "Content-Type", "text/html; charset=utf-8"},
                      {HeaderId::Other, "X-Empty", ""},
                      {HeaderId::ETag, "ETag", "\"abc\""}};
    sample.sections = {{1, "generations"}, {2, ""}, {1, "again"}};
    sample.body = std::string("<html>\r\n\0</html>", 16);
    return sample;
}

// The bytes end where an allocation ends, so that a sanitizer sees a read past them.
Decoded decode_exact(std::string_view value) {
    const std::unique_ptr<char[]> bytes(new char[value.size()]);
    std::memcpy(bytes.get(), value.data(), value.size());
    EntryView view;
    const Decoded decoded = decode({bytes.get(), value.size()}, view);
    if (decoded == Decoded::Ok) {
        std::size_t touched = view.key.size() + view.body.size();
        view.for_each_header([&](const EntryHeader& header) {
            for (const char c : header.name) {
                touched += static_cast<unsigned char>(c);
            }
            for (const char c : header.value) {
                touched += static_cast<unsigned char>(c);
            }
        });
        touched += view.section(1).value_or("").size() + view.section(0xffff).value_or("").size();
        REQUIRE(touched > 0);
    }
    return decoded;
}

template <class T>
std::string with(std::string value, std::size_t offset, T number) {
    store_little(value.data() + offset, number);
    return value;
}

}  // namespace

TEST_CASE("An entry comes back as it was encoded") {
    Sample sample = page();
    const std::string value = sample.encoded();
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    CHECK(view.status == 200);
    CHECK(view.key == sample.head.key);
    CHECK(view.body == sample.body);
    CHECK(view.generated == kNow - 5);
    CHECK(view.stored_at == kNow);
    CHECK(view.fresh_until == kNow + 60);
    CHECK(view.stale_while_revalidate == 30);
    CHECK(view.stale_if_error == 86400);
    CHECK(view.last_modified == kNow - 1000);
    CHECK(view.attributes == (kMustRevalidate | kBodyComplete));
    REQUIRE(view.header_count() == 3);
    std::size_t i = 0;
    view.for_each_header([&](const EntryHeader& header) {
        CHECK(header.id == sample.headers[i].id);
        CHECK(header.name == sample.headers[i].name);
        CHECK(header.value == sample.headers[i].value);
        ++i;
    });
    CHECK(i == 3);
    CHECK(view.section(1) == "generations");
    CHECK(view.section(2) == "");
    CHECK_FALSE(view.section(3));
}

TEST_CASE("The layout is the documented one") {
    Sample sample;
    sample.head.status = 404;
    sample.head.key = "k";
    sample.head.generated = 1;
    sample.head.stored_at = 2;
    sample.head.fresh_until = 3;
    sample.head.stale_while_revalidate = 4;
    sample.head.stale_if_error = 5;
    sample.head.attributes = 2;
    sample.headers = {{HeaderId::ETag, "ETag", "x"}};
    sample.sections = {{7, "s"}};
    sample.body = "body";
    const unsigned char expected[] = {
        'M',  'C',  'E',  '1',  92,   0,    0,    0,  // head_size
        4,    0,    0,    0,    0,    0,    0,    0,  // body_size
        0x94, 1,    1,    0,    1,    0,    0,    0,  // status, headers, key
        1,    0,    0,    0,    0,    0,    0,    0,    2,   0,   0,   0,   0,
        0,    0,    0,  // generated, stored_at
        3,    0,    0,    0,    0,    0,    0,    0,    4,   0,   0,   0,   5,
        0,    0,    0,                                   // fresh_until, windows
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // last_modified
        2,    0,    0,    0,    7,    0,    0,    0,     // attributes, sections
        'k',  3,    4,    0,    1,    0,    0,    0,    'E', 'T', 'a', 'g', 'x',  // key, header
        7,    0,    1,    0,    0,    0,    's',  'b',  'o', 'd', 'y'};
    CHECK(sample.encoded() ==
          std::string_view(reinterpret_cast<const char*>(expected), sizeof(expected)));
}

TEST_CASE("The least that is an entry") {
    Sample sample;
    sample.head.status = 204;
    sample.head.key = "k";
    const std::string value = sample.encoded();
    CHECK(value.size() == kFixedHeadSize + 1);
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    CHECK(view.header_count() == 0);
    CHECK(view.body.empty());
    CHECK(view.last_modified == -1);
    CHECK(decode_exact(value) == Decoded::Ok);
}

TEST_CASE("The size of the body may be known last") {
    Sample sample = page();
    std::string value = sample.encoded();
    value += "more";
    CHECK(decode_exact(value) == Decoded::Corrupt);
    patch_body_size(value.data(), sample.body.size() + 4);
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    CHECK(view.body == sample.body + "more");
}

TEST_CASE("Times out of this world are clamped when written and refused when read") {
    Sample sample = page();
    sample.head.generated = INT64_MIN;
    sample.head.stored_at = -kNow;
    sample.head.fresh_until = INT64_MAX;
    const std::string value = sample.encoded();
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    CHECK(view.generated == -kMaxTime);
    CHECK(view.stored_at == -kNow);
    CHECK(view.fresh_until == kMaxTime);
    for (const std::size_t offset : {24, 32, 40, 56}) {
        CAPTURE(offset);
        CHECK(decode_exact(with(value, offset, kMaxTime)) == Decoded::Ok);
        CHECK(decode_exact(with(value, offset, kMaxTime + 1)) == Decoded::Corrupt);
        CHECK(decode_exact(with(value, offset, -kMaxTime - 1)) == Decoded::Corrupt);
        CHECK(decode_exact(with(value, offset, INT64_MIN)) == Decoded::Corrupt);
    }
}

TEST_CASE("What is not an entry, and what another version wrote") {
    const std::string value = page().encoded();
    CHECK(decode_exact("") == Decoded::NotAnEntry);
    CHECK(decode_exact("M") == Decoded::NotAnEntry);
    CHECK(decode_exact("MCE") == Decoded::NotAnEntry);
    CHECK(decode_exact("<!doctype html>") == Decoded::NotAnEntry);
    CHECK(decode_exact("mce1" + value.substr(4)) == Decoded::NotAnEntry);
    CHECK(decode_exact("MCE2" + value.substr(4)) == Decoded::BadVersion);
    CHECK(decode_exact("MCE0") == Decoded::BadVersion);
    CHECK(decode_exact("MCE1") == Decoded::Corrupt);
}

TEST_CASE("What a later version adds is skipped unless it is critical") {
    Sample sample = page();
    sample.sections.push_back({0x1234, "later"});
    CHECK(decode_exact(sample.encoded()) == Decoded::Ok);
    sample.sections.push_back({kCriticalSection | 0x1234, "later"});
    CHECK(decode_exact(sample.encoded()) == Decoded::BadVersion);

    sample = page();
    sample.head.attributes |= 1u << 15;
    CHECK(decode_exact(sample.encoded()) == Decoded::Ok);
    sample.head.attributes |= 1u << 16;
    CHECK(decode_exact(sample.encoded()) == Decoded::BadVersion);

    sample = page();
    sample.headers[0].id = static_cast<HeaderId>(static_cast<int>(kLastHeaderId) + 1);
    const std::string value = sample.encoded();
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    std::vector<HeaderId> ids;
    view.for_each_header([&](const EntryHeader& header) { ids.push_back(header.id); });
    CHECK(ids == std::vector{HeaderId::Other, HeaderId::Other, HeaderId::ETag});
}

TEST_CASE("Every truncation of an entry, and anything behind it, is rejected") {
    const std::string value = page().encoded();
    REQUIRE(decode_exact(value) == Decoded::Ok);
    for (std::size_t size = 0; size < value.size(); ++size) {
        CAPTURE(size);
        CHECK(decode_exact(std::string_view(value).substr(0, size)) != Decoded::Ok);
    }
    CHECK(decode_exact(value + '\0') == Decoded::Corrupt);
    CHECK(decode_exact(value + value) == Decoded::Corrupt);
}

TEST_CASE("Lengths that contradict each other are rejected") {
    const std::string value = page().encoded();
    const auto head_size = static_cast<std::uint32_t>(value.size() - 16);
    CHECK(decode_exact(with(value, 4, head_size)) == Decoded::Ok);
    for (const std::uint32_t wrong : {0u, 1u, 71u, head_size - 1, head_size + 1, 0xffffffffu}) {
        CAPTURE(wrong);
        CHECK(decode_exact(with(value, 4, wrong)) == Decoded::Corrupt);
        // Head and body add up, but not the parts of the head.
        CHECK(decode_exact(with(with(value, 4, wrong), 8, std::uint64_t{value.size()} - wrong)) ==
              Decoded::Corrupt);
    }
    for (const std::uint64_t wrong : {std::uint64_t{0}, std::uint64_t{15}, std::uint64_t{17},
                                      UINT64_MAX, UINT64_MAX - head_size}) {
        CHECK(decode_exact(with(value, 8, wrong)) == Decoded::Corrupt);
    }
    for (const std::uint16_t wrong : {0, 2, 4, 65535}) {
        CHECK(decode_exact(with(value, 18, wrong)) == Decoded::Corrupt);
    }
    for (const std::uint32_t wrong : {0u, 1u, 29u, 31u, 0xffffffffu}) {
        CHECK(decode_exact(with(value, 20, wrong)) == Decoded::Corrupt);
        CHECK(decode_exact(with(value, 68, wrong)) == Decoded::Corrupt);
    }
    for (const std::uint16_t status : {0, 99, 100, 199, 1000, 65535}) {
        CHECK(decode_exact(with(value, 16, status)) == Decoded::Corrupt);
    }
}

TEST_CASE("Headers that could not be sent are neither written nor read") {
    const std::string_view names[] = {"",
                                      "X Y",
                                      "X:",
                                      "X\r",
                                      "\xe9",
                                      std::string_view("X\0", 2),
                                      "Content-Length",
                                      "transfer-encoding",
                                      "CONNECTION",
                                      "Keep-Alive",
                                      "Trailer",
                                      "Upgrade"};
    for (const std::string_view name : names) {
        CAPTURE(name);
        Sample sample = page();
        sample.headers[1].name = name;
        sample.head.headers = sample.headers;
        CHECK(encoded_head_size(sample.head) == 0);
    }
    const std::string_view values[] = {"a\r\nSet-Cookie: b", "\n", "\r", std::string_view("\0", 1)};
    for (const std::string_view text : values) {
        CAPTURE(text);
        Sample sample = page();
        sample.headers[1].value = text;
        sample.head.headers = sample.headers;
        CHECK(encoded_head_size(sample.head) == 0);
    }
    const std::string value = page().encoded();
    const auto replaced = [&](std::string_view what, char by) {
        std::string changed = value;
        changed[changed.find(what)] = by;
        return decode_exact(changed);
    };
    CHECK(replaced("X-Empty", 'Y') == Decoded::Ok);
    CHECK(replaced("X-Empty", ' ') == Decoded::Corrupt);
    CHECK(replaced("X-Empty", ':') == Decoded::Corrupt);
    CHECK(replaced("text/html", '\r') == Decoded::Corrupt);
    CHECK(replaced("text/html", '\n') == Decoded::Corrupt);
    CHECK(replaced("text/html", '\0') == Decoded::Corrupt);
    CHECK(replaced("text/html", '\t') == Decoded::Ok);
}

TEST_CASE("A field that frames the message is no stored header, whatever number it has") {
    for (const std::string_view name : {"Content-Length", "Transfer-Encoding", "Connection",
                                        "Keep-Alive", "Trailer", "Upgrade"}) {
        CAPTURE(name);
        const std::string stand_in(name.size(), 'x');
        Sample sample = page();
        sample.headers[1].name = stand_in;
        sample.head.headers = sample.headers;
        std::string value = sample.encoded();
        CHECK(decode_exact(value) == Decoded::Ok);
        value.replace(value.find(stand_in), name.size(), name);
        CHECK(decode_exact(value) == Decoded::Corrupt);
    }
}

TEST_CASE("What the format cannot hold is not encoded") {
    Sample sample = page();
    sample.head.key = "";
    CHECK(encoded_head_size(sample.head) == 0);
    sample = page();
    sample.head.status = 199;
    CHECK(encoded_head_size(sample.head) == 0);
    sample = page();
    const std::string long_name(65536, 'n');
    sample.headers = {{HeaderId::Other, long_name, ""}};
    sample.head.headers = sample.headers;
    CHECK(encoded_head_size(sample.head) == 0);
    sample.headers[0].name = std::string_view(long_name).substr(1);
    CHECK(decode_exact(sample.encoded()) == Decoded::Ok);
    sample.headers.assign(65536, {HeaderId::Other, "n", ""});
    sample.head.headers = sample.headers;
    CHECK(encoded_head_size(sample.head) == 0);
    sample.headers.pop_back();
    CHECK(decode_exact(sample.encoded()) == Decoded::Ok);
}

TEST_CASE("No flipped bit and no overwritten byte makes decode() read outside") {
    const std::string value = page().encoded();
    for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
        std::string flipped = value;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        decode_exact(flipped);
    }
    std::mt19937 random(20240229);
    for (int round = 0; round < 20000; ++round) {
        std::string changed =
            value.substr(0, random() % 4 == 0 ? random() % value.size() : value.size());
        for (std::size_t i = 1 + random() % 4; i > 0 && !changed.empty(); --i) {
            changed[random() % changed.size()] =
                static_cast<char>(random() % 2 == 0 ? 0xff : random() % 256);
        }
        decode_exact(changed);
    }
}

TEST_CASE("Random entries come back as they were encoded") {
    std::mt19937_64 random(20240229);
    const auto text = [&](std::size_t most, std::string_view alphabet) {
        std::string result(random() % (most + 1), '\0');
        for (char& c : result) {
            c = alphabet[random() % alphabet.size()];
        }
        return result;
    };
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::string> texts;
        texts.reserve(200);
        const auto keep = [&](std::string kept) -> std::string_view {
            return texts.emplace_back(std::move(kept));
        };
        Sample sample;
        sample.head.status = static_cast<std::uint16_t>(200 + random() % 800);
        sample.head.key = keep("k" + text(300, std::string_view("ab /\0\n", 6)));
        sample.head.generated = static_cast<std::int64_t>(random() % (2 * kNow)) - kNow;
        sample.head.fresh_until = static_cast<std::int64_t>(random() % (2 * kNow));
        sample.head.stale_if_error = static_cast<std::uint32_t>(random());
        sample.head.attributes = static_cast<std::uint32_t>(random() & 0xffff);
        for (std::size_t i = random() % 20; i > 0; --i) {
            const std::string_view name = keep("X" + text(20, "abc-"));
            sample.headers.push_back({classify(name), name, keep(text(100, "v \t\"\xff,"))});
        }
        for (std::size_t i = random() % 4; i > 0; --i) {
            sample.sections.push_back({static_cast<std::uint16_t>(random() & 0x7fff),
                                       keep(text(50, std::string_view("s\0\r\n", 4)))});
        }
        sample.body = text(500, std::string_view("b\0\r\n", 4));
        const std::string value = sample.encoded();
        EntryView view;
        REQUIRE(decode(value, view) == Decoded::Ok);
        REQUIRE(view.key == sample.head.key);
        REQUIRE(view.body == sample.body);
        REQUIRE(view.status == sample.head.status);
        REQUIRE(view.generated == sample.head.generated);
        REQUIRE(view.fresh_until == sample.head.fresh_until);
        REQUIRE(view.stale_if_error == sample.head.stale_if_error);
        REQUIRE(view.attributes == sample.head.attributes);
        std::size_t i = 0;
        view.for_each_header([&](const EntryHeader& header) {
            REQUIRE(header.name == sample.headers[i].name);
            REQUIRE(header.value == sample.headers[i].value);
            ++i;
        });
        REQUIRE(i == sample.headers.size());
        for (const EntrySection& section : sample.sections) {
            REQUIRE(view.section(section.type));
        }
    }
}
