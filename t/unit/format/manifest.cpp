#include "format/manifest.h"

#include <limits>
#include <set>
#include <string>

#include "unit/catch.h"

using namespace mcache::format;

namespace {

Manifest sample(std::uint64_t total = 1'000'000, std::uint32_t part_size = 65536) {
    Manifest manifest;
    for (std::size_t i = 0; i < manifest.nonce.size(); ++i) {
        manifest.nonce[i] = static_cast<char>(i * 17);
    }
    manifest.total = total;
    manifest.part_size = part_size;
    manifest.count = count_parts(total, part_size);
    manifest.parts_until = 1'800'000'000;
    return manifest;
}

std::string entry_with(std::string_view content, std::string_view body = {}) {
    EntryHead head;
    head.status = 200;
    head.key = "/large";
    const EntrySection section{kManifestSection, content};
    head.sections = {&section, 1};
    head.body_size = body.size();
    std::string value(encoded_head_size(head), '\0');
    encode_head(head, value.data());
    return value + std::string(body);
}

std::string entry_with(const Manifest& manifest) {
    const auto content = encode_manifest(manifest);
    return entry_with({content.data(), content.size()});
}

Body locate(const std::string& value, Manifest& out) {
    EntryView view;
    REQUIRE(decode(value, view) == Decoded::Ok);
    return locate_body(view, out);
}

std::string part(const Manifest& manifest, std::uint32_t number) {
    const std::size_t size = manifest.payload_size(number);
    std::string value(kPartHeadSize, '\0');
    encode_part_head(manifest.nonce, number, static_cast<std::uint32_t>(size), value.data());
    return value + std::string(size, 'p');
}

}  // namespace

TEST_CASE("a manifest comes back as it was") {
    for (const Manifest& manifest : {sample(), sample(1, 256), sample(256, 256), sample(257, 256),
                                     sample(std::uint64_t{1} << 40, 512 * 1024)}) {
        Manifest out;
        REQUIRE(locate(entry_with(manifest), out) == Body::InParts);
        CHECK(out.nonce == manifest.nonce);
        CHECK(out.total == manifest.total);
        CHECK(out.part_size == manifest.part_size);
        CHECK(out.count == manifest.count);
        CHECK(out.parts_until == manifest.parts_until);
    }
}

TEST_CASE("an entry without one has its body in it") {
    EntryHead head;
    head.status = 200;
    head.key = "/small";
    std::string value(encoded_head_size(head), '\0');
    encode_head(head, value.data());
    Manifest out;
    CHECK(locate(value, out) == Body::Whole);
}

TEST_CASE("a manifest that contradicts itself or the entry is corrupt") {
    Manifest out;
    const auto corrupt = [&](auto change) {
        Manifest manifest = sample();
        change(manifest);
        return locate(entry_with(manifest), out) == Body::Corrupt;
    };
    CHECK(corrupt([](Manifest& m) { m.total = 0; }));
    CHECK(corrupt([](Manifest& m) { m.total = std::numeric_limits<std::uint64_t>::max(); }));
    CHECK(corrupt([](Manifest& m) { m.total += 65536; }));
    CHECK(corrupt([](Manifest& m) { m.part_size = 0; }));
    CHECK(corrupt([](Manifest& m) { m.part_size = 128; }));
    CHECK(corrupt([](Manifest& m) { m.part_size = 65535; }));
    CHECK(corrupt([](Manifest& m) { m.count = 0; }));
    CHECK(corrupt([](Manifest& m) { m.count -= 1; }));
    CHECK(corrupt([](Manifest& m) { m.count += 1; }));
    CHECK(corrupt([](Manifest& m) { m.parts_until = -1; }));
    CHECK(corrupt([](Manifest& m) { m.parts_until = kMaxTime + 1; }));
    CHECK(corrupt([](Manifest& m) {
        m.total = std::numeric_limits<std::int64_t>::max();
        m.part_size = 256;
        m.count = count_parts(m.total, 256);  // more than can be counted
    }));

    const auto content = encode_manifest(sample());
    const std::string_view whole(content.data(), content.size());
    CHECK(locate(entry_with(whole.substr(1)), out) == Body::Corrupt);
    CHECK(locate(entry_with(std::string(whole) + "x"), out) == Body::Corrupt);
    CHECK(locate(entry_with(""), out) == Body::Corrupt);
    CHECK(locate(entry_with(whole, "a body"), out) == Body::Corrupt);
}

TEST_CASE("parts: all of one size but the last") {
    const Manifest manifest = sample(1'000'000, 65536);
    CHECK(manifest.count == 16);
    CHECK(manifest.payload_size(0) == 65536);
    CHECK(manifest.payload_size(15) == 1'000'000 - 15 * 65536);
    CHECK(sample(131072, 65536).payload_size(1) == 65536);
}

TEST_CASE("a part is taken for nothing but itself") {
    const Manifest manifest = sample();
    const std::string value = part(manifest, 3);
    CHECK(decode_part(value, manifest, 3) == std::string(65536, 'p'));
    CHECK(decode_part(value, manifest, 3).data() == value.data() + kPartHeadSize);

    CHECK(decode_part(value, manifest, 2).data() == nullptr);
    CHECK(decode_part(value.substr(1), manifest, 3).data() == nullptr);
    CHECK(decode_part(value + "x", manifest, 3).data() == nullptr);
    CHECK(decode_part(value.substr(0, value.size() - 1), manifest, 3).data() == nullptr);
    CHECK(decode_part("", manifest, 3).data() == nullptr);
    CHECK(decode_part(part(manifest, 15), manifest, 15).size() == manifest.payload_size(15));
    for (const std::size_t at : {0u, 3u, 4u, 7u, 8u, 11u, 12u, 27u}) {
        std::string changed = value;
        changed[at] ^= 1;
        CHECK(decode_part(changed, manifest, 3).data() == nullptr);
    }
}

TEST_CASE("the size of parts is a power of two that fits") {
    CHECK(choose_part_size(0) == 0);
    CHECK(choose_part_size(kPartHeadSize + 255) == 0);
    CHECK(choose_part_size(kPartHeadSize + 256) == 256);
    CHECK(choose_part_size(kPartHeadSize + 511) == 256);
    CHECK(choose_part_size(1024 * 1024 - 600) == 512 * 1024);
    CHECK(choose_part_size(1024 * 1024 * 1024) == 512 * 1024);
    CHECK(count_parts(0, 256) == 0);
    CHECK(count_parts(std::uint64_t{0xFFFFFFFF} * 256, 256) == 0xFFFFFFFF);
    CHECK(count_parts(std::uint64_t{0xFFFFFFFF} * 256 + 1, 256) == 0);
}

TEST_CASE("keys of parts: legal, short, and different for key, nonce and number") {
    std::set<std::string> seen;
    Nonce other = sample().nonce;
    other[15] ^= 1;
    for (const std::string& full : {std::string("/a"), std::string("/b"), std::string(4000, 'x')}) {
        for (const Nonce& nonce : {sample().nonce, other}) {
            const PartKeys keys(full, nonce);
            for (const std::uint32_t number : {0u, 1u, 4294967295u}) {
                Key key;
                REQUIRE(keys.make(number, key));
                CHECK(key.view().size() <= 67);
                CHECK(seen.emplace(key.view()).second);
            }
        }
    }
    Key key;
    REQUIRE(PartKeys("abc", sample().nonce).make(7, key));
    CHECK(key.view() == "ba7816bf8f01cfea-00112233445566778899aabbccddeeff-7%00part");
}

TEST_CASE("nonces differ") {
    Nonce a;
    Nonce b;
    REQUIRE(make_nonce(a));
    REQUIRE(make_nonce(b));
    CHECK(a != b);
}

TEST_CASE("a section is added behind the others") {
    EntryHead head;
    head.status = 200;
    head.key = "/large";
    const EntrySection first{3, "purges"};
    head.sections = {&first, 1};
    std::string value(encoded_head_size(head), '\0');
    encode_head(head, value.data());
    const auto content = encode_manifest(sample());
    const EntrySection second{kManifestSection, {content.data(), content.size()}};
    std::string longer(value.size() + kSectionRecordSize + content.size(), '\0');
    add_section(value, second, longer.data());
    EntryView view;
    REQUIRE(decode(longer, view) == Decoded::Ok);
    CHECK(view.section(3) == "purges");
    CHECK(view.section(kManifestSection) == second.content);
    CHECK(view.key == "/large");
    CHECK(view.body.empty());
}
