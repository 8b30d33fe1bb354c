#include "base/keyed_hash.h"

#include <string>

#include "unit/catch.h"

using mcache::HashKey;
using mcache::keyed_hash;
using mcache::sip_hash;

TEST_CASE("It is SipHash-1-3: what Rust's tests and Python 3.11 have") {
    const HashKey key{0x0706050403020100, 0x0F0E0D0C0B0A0908};
    CHECK(sip_hash(key, "") == 0xABAC0158050FC4DC);
    CHECK(sip_hash(key, "a") == 0x1C2697AB786A6237);
    CHECK(sip_hash(key, "12345678") == 0x11A8EBB5CD0DA9CE);
    CHECK(sip_hash(key, "http://localhost/t?a=1") == 0x2319BD6E33564526);
    const HashKey pythons{0x0706050403020100, 0};
    CHECK(sip_hash(pythons, "") == 0xF46D3BFE2EA281DC);
    CHECK(sip_hash(pythons, "http://localhost/t?a=1") == 0x4B1120D47D9EA96F);
}

TEST_CASE("The process has a key of its own, and keeps it") {
    const std::string text = "/t";
    CHECK(keyed_hash(text) == keyed_hash("/t"));
    CHECK(keyed_hash("/t") != sip_hash(HashKey{}, "/t"));
    CHECK(mcache::KeyedHash{}("/t") == static_cast<std::size_t>(keyed_hash("/t")));
}
