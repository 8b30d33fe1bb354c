#include "base/authority.h"

#include "unit/catch.h"

using mcache::authority_of;

TEST_CASE("host and port of what proxy_pass and its kin take") {
    CHECK(authority_of("http://127.0.0.1:8000") == "127.0.0.1:8000");
    CHECK(authority_of("https://app/internal/?a=http://b") == "app");
    CHECK(authority_of("http://app?a=b") == "app");
    CHECK(authority_of("http://unix:/run/app.sock:/uri/") == "unix:/run/app.sock");
    CHECK(authority_of("unix:/run/php.sock") == "unix:/run/php.sock");
    CHECK(authority_of("127.0.0.1:9000") == "127.0.0.1:9000");
    CHECK(authority_of("grpc://[::1]:50051") == "[::1]:50051");
    CHECK(authority_of("http://$to$request_uri") == "$to$request_uri");
    CHECK(authority_of("http://$to/x") == "$to");
    CHECK(authority_of("$scheme://app.$zone:80/$1") == "app.$zone:80");
    CHECK(authority_of("$url") == "$url");
    CHECK(authority_of("/a?b=http://c") == "");
    CHECK(authority_of("") == "");
}
