#include "base/blocks.h"

#include <string>

#include "unit/catch.h"

using namespace mcache;

TEST_CASE("Every byte value at every place of texts of every length") {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(size, 'q');
                text[at] = static_cast<char>(byte);
                const bool below = any_block(text, [](Block block) { return block < 0x21; });
                const bool equal = any_block(text, [](Block block) { return block == 0x7f; });
                if (below != (byte < 0x21) || equal != (byte == 0x7f) ||
                    has_control(text) != (byte < 0x20 || byte == 0x7f) ||
                    has_space_or_control(text) != (byte <= 0x20 || byte == 0x7f)) {
                    CAPTURE(size, at, byte);
                    FAIL();
                }
            }
        }
    }
}

TEST_CASE("An empty text has no bytes") {
    CHECK_FALSE(any_block({}, [](Block block) { return block < 0x21; }));
}
