// A manifest, and parts, of arbitrary bytes. What is accepted does not contradict itself, is
// encoded again to the same, and its parts lie within the values.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "format/manifest.h"
#include "fuzz/require.h"

using namespace mcache::format;

namespace {

void check_manifest(std::string_view content) {
    EntryHead head;
    head.status = 200;
    head.key = "k";
    const EntrySection section{kManifestSection, content};
    head.sections = {&section, 1};
    std::string value(encoded_head_size(head), '\0');
    encode_head(head, value.data());
    EntryView view;
    require(decode(value, view) == Decoded::Ok);
    Manifest manifest;
    const Body body = locate_body(view, manifest);
    require(body != Body::Whole);
    if (body == Body::Corrupt) {
        return;
    }
    const auto again = encode_manifest(manifest);
    require(std::string_view(again.data(), again.size()) == content);
    require(manifest.count != 0 && manifest.part_size != 0);
    const std::uint64_t before = std::uint64_t{manifest.count - 1} * manifest.part_size;
    require(before < manifest.total);
    require(before + manifest.payload_size(manifest.count - 1) == manifest.total);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = text_of(data, size);
    check_manifest(bytes.substr(0, kManifestSize));

    // As a part, with and without a head that fits.
    Manifest manifest;
    manifest.part_size = 256;
    manifest.total = 1 + size;
    manifest.count = count_parts(manifest.total, manifest.part_size);
    std::copy_n(bytes.begin(), std::min(size, manifest.nonce.size()), manifest.nonce.begin());
    for (std::uint32_t number = 0; number < std::min(manifest.count, 4u); ++number) {
        const std::string_view payload = decode_part(bytes, manifest, number);
        require(payload.data() == nullptr || (payload.data() == bytes.data() + kPartHeadSize &&
                                              payload.size() == manifest.payload_size(number)));
        std::string value(kPartHeadSize + manifest.payload_size(number), 'x');
        encode_part_head(manifest.nonce, number,
                         static_cast<std::uint32_t>(manifest.payload_size(number)), value.data());
        require(decode_part(value, manifest, number).size() == manifest.payload_size(number));
    }
    return 0;
}
