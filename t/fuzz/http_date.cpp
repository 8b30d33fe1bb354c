// A date is read or refused; what was read is written and read back as the same time.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fuzz/require.h"
#include "http/http_date.h"

using namespace mcache::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::int64_t now = 0;
    if (size < sizeof(now)) {
        return 0;
    }
    std::memcpy(&now, data, sizeof(now));
    const std::string_view text(reinterpret_cast<const char*>(data) + sizeof(now),
                                size - sizeof(now));

    if (const auto time = parse_http_date(text, now)) {
        char written[kHttpDateLength];
        format_http_date(*time, written);
        const auto again = parse_http_date({written, sizeof(written)}, 0);
        // A year of two digits may lie before 0 or beyond 9999 with a clock that does; that is not
        // written.
        require(again == time || *time < -62167219200 || *time > 253402300799);
    }

    char written[kHttpDateLength];
    format_http_date(now, written);
    require(parse_http_date({written, sizeof(written)}, 0).has_value());
    return 0;
}
