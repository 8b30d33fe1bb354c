// An array of strings: what was read is written as JSON that reads the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "fuzz/require.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    constexpr std::size_t kMax = 100;

    std::string quoted = "[";
    append_json_string(quoted, text);
    quoted += "]";
    std::vector<std::string> strings;
    require(parse_string_array(quoted, kMax, strings) == Parse::Ok && strings.size() == 1);
    std::string again = "[";
    append_json_string(again, strings[0]);  // now UTF-8 in any case
    require(again + "]" == quoted || strings[0] != text);

    if (parse_string_array(text, kMax, strings) == Parse::Ok) {
        require(strings.size() <= kMax);
        std::string written = "[";
        for (const std::string& string : strings) {
            written += written.size() == 1 ? "" : ",";
            append_json_string(written, string);
        }
        std::vector<std::string> back;
        require(parse_string_array(written + "]", kMax, back) == Parse::Ok);
        require(back.size() == strings.size());
    }
    return 0;
}
