#include "http/hop_by_hop.h"

#include <string_view>
#include <vector>

#include "unit/catch.h"

using mcache::http::FieldNames;
using mcache::http::HeaderField;
using mcache::http::is_hop_by_hop;
using mcache::http::named_in_connection;
using mcache::http::updates_stored_field;

TEST_CASE("RFC 9111 3.1: fields of one connection") {
    for (const std::string_view name :
         {"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
          "Proxy-Authentication-Info", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding",
          "Upgrade", "Close", "connection", "TRANSFER-ENCODING", "te"}) {
        CAPTURE(name);
        CHECK(is_hop_by_hop(name));
        CHECK_FALSE(updates_stored_field(name));
    }
    for (const std::string_view name :
         {"", "Connections", "T", "Date", "Age", "Set-Cookie", "Authenticate", "Content-Length",
          "WWW-Authenticate", "Upgrade-Insecure-Requests"}) {
        CAPTURE(name);
        CHECK_FALSE(is_hop_by_hop(name));
    }
}

TEST_CASE("RFC 9110 7.6.1: fields named in Connection") {
    struct Case {
        std::vector<HeaderField> fields;
        std::string_view name;
        bool named;
    };
    const Case cases[] = {
        {{}, "X-A", false},
        {{{"Connection", "X-A"}}, "X-A", true},
        {{{"CONNECTION", "close, x-a"}}, "X-A", true},
        {{{"Connection", "close"}, {"Connection", "\tX-A ,"}}, "x-a", true},
        {{{"Connection", ",,X-A"}}, "X-A", true},
        {{{"Connection", "X-AB, BX-A"}}, "X-A", false},
        {{{"Connection", "X-B X-A"}}, "X-A", false},
        {{{"Keep-Alive", "X-A"}}, "X-A", false},
        {{{"Connection", ""}}, "X-A", false},
        {{{"Connection", "X-C, Keep-Alive"}, {"Connection", "x-b, X-A"}}, "X-B", true},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name, c.named);
        CHECK(named_in_connection(c.fields).contains(c.name) == c.named);
    }
}

TEST_CASE("What a Connection line usually says names no fields beyond the hop-by-hop ones") {
    for (const std::string_view value : {"keep-alive", "Close", " Upgrade ", "TE"}) {
        CAPTURE(value);
        CHECK(named_in_connection(std::vector<HeaderField>{{"connection", value}}).empty());
    }
    CHECK(named_in_connection({}).empty());
    CHECK(named_in_connection(std::vector<HeaderField>{{"X-Connection", "X-A"}}).empty());
}

TEST_CASE("A set of field names") {
    const FieldNames names({"X-B", "x-a", "Via", "X-A", "x-ab", ""});
    for (const std::string_view name : {"X-A", "x-a", "x-B", "VIA", "X-AB", ""}) {
        CAPTURE(name);
        CHECK(names.contains(name));
    }
    for (const std::string_view name : {"X-", "X-C", "X-ABC", "Vi", "Vib", "\xdb-A"}) {
        CAPTURE(name);
        CHECK_FALSE(names.contains(name));
    }
    CHECK(FieldNames().empty());
    CHECK_FALSE(FieldNames().contains(""));
}

TEST_CASE("RFC 9111 3.2: what a 304 updates") {
    for (const std::string_view name : {"Content-Length", "content-encoding", "Content-Range",
                                        "Content-Type", "Content-MD5", "Digest", "ETag"}) {
        CAPTURE(name);
        CHECK_FALSE(updates_stored_field(name));
    }
    for (const std::string_view name :
         {"Cache-Control", "Date", "Expires", "Last-Modified", "Vary", "X-Anything",
          "Content-Location", "Content-Language", "Content-Security-Policy"}) {
        CAPTURE(name);
        CHECK(updates_stored_field(name));
    }
}
