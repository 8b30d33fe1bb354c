#include "format/origin_fields.h"

#include <string>
#include <vector>

#include "http/hop_by_hop.h"
#include "unit/catch.h"

using namespace mcache::format;

namespace {

constexpr EntryHeader kSent[] = {{HeaderId::ETag, "ETag", "\"v\""},
                                 {HeaderId::Location, "Location", "http://public/"},
                                 {HeaderId::Link, "Link", "a"}};
constexpr EntryHeader kKept[] = {{HeaderId::Location, "location", "http://app/"},
                                 {HeaderId::XAccelCharset, "X-Accel-Charset", "koi8-r"},
                                 {HeaderId::ContentLength, "Content-Length", "5"}};

struct Page {
    std::string bytes;
    EntryView view;

    explicit Page(std::vector<EntrySection> sections) {
        EntryHead head;
        head.status = 404;
        head.key = "key";
        head.headers = kSent;
        head.sections = sections;
        bytes.resize(encoded_head_size(head));
        REQUIRE(!bytes.empty());
        encode_head(head, bytes.data());
        REQUIRE(decode(bytes, view) == Decoded::Ok);
    }
};

}  // namespace

TEST_CASE("the origin's fields come back, whether or not they are sent") {
    const std::string section = encode_origin_fields(kKept);
    const Page page({{1, "x"}, {kOriginSection, section}});
    const auto kept = origin_fields(page.view);
    REQUIRE(kept);
    REQUIRE(kept->size() == 3);
    CHECK((*kept)[0].id == HeaderId::Location);
    CHECK((*kept)[1].value == "koi8-r");

    const auto all = all_origin_fields(page.view);
    REQUIRE(all);
    REQUIRE(all->size() == 5);
    CHECK((*all)[0].value == "http://app/");
    CHECK((*all)[3].name == "ETag");
    CHECK((*all)[4].name == "Link");
}

TEST_CASE("what is sent as it came is not kept beside it, wherever Content-Type and Date came") {
    const std::string received = "nginx todaytext/htmla\"v\"hidden b";
    const std::string_view text = received;
    const std::string_view server = text.substr(0, 5), date = text.substr(6, 5),
                           type = text.substr(11, 9), link = text.substr(20, 1),
                           etag = text.substr(21, 3), hidden = text.substr(24, 6);
    const EntryHeader sent[] = {{HeaderId::ContentType, "Content-Type", type},
                                {HeaderId::Link, "Link", link},
                                {HeaderId::ETag, "ETag", etag},
                                {HeaderId::Date, "Date", date}};
    const mcache::http::HeaderField fields[] = {
        {"Server", server}, {"Date", date},     {"Content-Type", type}, {"Connection", "X-B"},
        {"Link", link},     {"X-A", hidden},    {"Set-Cookie", "a=b"},  {"ETag", etag},
        {"X-B", "b"},       {"Keep-Alive", "1"}};
    const auto kept = fields_not_sent(fields, sent, mcache::http::named_in_connection(fields));
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].name == "Server");
    CHECK(kept[0].id == HeaderId::Server);
    CHECK(kept[1].value == "hidden");
}

TEST_CASE("a field that is sent with another value is kept") {
    const mcache::http::HeaderField fields[] = {{"Link", "a as it came"}, {"ETag", kSent[0].value}};
    const auto kept = fields_not_sent(fields, kSent, {});
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].value == "a as it came");
}

TEST_CASE("of a response from no upstream there are none, of one without a header an empty list") {
    CHECK_FALSE(origin_fields(Page({}).view));
    CHECK_FALSE(all_origin_fields(Page({}).view));
    CHECK(origin_fields(Page({{kOriginSection, ""}}).view)->empty());
}

TEST_CASE("fields that a record cannot hold are left out") {
    const EntryHeader odd[] = {{HeaderId::Other, "X-A", std::string_view("a\0b", 3)},
                               {HeaderId::Other, "X A", "a"},
                               {HeaderId::Other, "X-B", "b"}};
    const std::string section = encode_origin_fields(odd);
    const Page page({{kOriginSection, section}});
    REQUIRE(origin_fields(page.view)->size() == 1);
    CHECK(origin_fields(page.view)->front().name == "X-B");
}

TEST_CASE("a section that is no list of fields counts as none") {
    const std::string good = encode_origin_fields(kKept);
    for (std::size_t size = 1; size < good.size(); ++size) {
        const Page page({{kOriginSection, std::string_view(good).substr(0, size)}});
        const auto fields = origin_fields(page.view);
        CHECK((!fields || fields->size() < 3));
    }
    for (const char* bad : {"\r\n", "\n", "\r"}) {
        std::string spoilt = good;
        spoilt.replace(spoilt.find("koi8"), std::string_view(bad).size(), bad);
        CHECK_FALSE(origin_fields(Page({{kOriginSection, spoilt}}).view));
    }
}

TEST_CASE("a status line has to be of the page's status") {
    CHECK(status_line(Page({{kStatusLineSection, "404 No such page"}}).view) == "404 No such page");
    CHECK(status_line(Page({{kStatusLineSection, "404 "}}).view) == "404 ");
    for (const char* bad :
         {"", "404", "200 OK", "404\r\nX: y", "404 a\r\nX: y", "4040 a", " 404 a"}) {
        CHECK(status_line(Page({{kStatusLineSection, bad}}).view).empty());
    }
    CHECK(status_line(Page({}).view).empty());
}
