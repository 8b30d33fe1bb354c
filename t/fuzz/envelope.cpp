// decode() on arbitrary bytes. What it accepts is encoded again, and has to come out the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/envelope.h"
#include "format/framing.h"
#include "format/origin_fields.h"
#include "fuzz/require.h"

using namespace mcache::format;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value = text_of(data, size);
    EntryView view;
    if (decode(value, view) != Decoded::Ok) {
        return 0;
    }
    require_inside(view.key, value);
    require_inside(view.body, value);
    require(view.status >= 200 && view.status <= 999 && !view.key.empty());
    std::vector<EntryHeader> headers;
    view.for_each_header([&](const EntryHeader& header) {
        require_inside(header.name, value);
        require_inside(header.value, value);
        require(is_field_name(header.name) && is_field_value(header.value));
        require(!frames_message(header.name));
        require(header.id <= kLastHeaderId);
        headers.push_back(header);
    });
    require(headers.size() == view.header_count());
    for (int type = 0; type <= UINT16_MAX; type += 257) {
        if (const auto content = view.section(static_cast<std::uint16_t>(type))) {
            require_inside(*content, value);
        }
    }
    if (const auto fields = all_origin_fields(view)) {
        for (const EntryHeader& field : *fields) {
            require_inside(field.name, value);
            require_inside(field.value, value);
            require(is_field_name(field.name) && is_field_value(field.value));
        }
    }
    require_inside(status_line(view), value);

    EntryHead head;
    static_cast<EntryFacts&>(head) = view;
    head.key = view.key;
    head.headers = headers;
    head.body_size = view.body.size();
    const std::size_t head_size = encoded_head_size(head);
    require(head_size != 0 && head_size <= size - view.body.size());
    std::string again(head_size, '\0');
    encode_head(head, again.data());
    again += view.body;
    EntryView same;
    require(decode(again, same) == Decoded::Ok);
    require(same.key == view.key && same.body == view.body && same.status == view.status);
    require(same.generated == view.generated && same.fresh_until == view.fresh_until);
    require(same.attributes == view.attributes && same.header_count() == view.header_count());
    return 0;
}
