#include "base/words.h"

#include <algorithm>
#include <string>

#include "unit/catch.h"

using namespace mcache;

TEST_CASE("Every byte value at every place of texts of every length") {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                std::string text(size, 'q');
                text[at] = static_cast<char>(byte);
                const bool below =
                    any_word(text, [](std::uint64_t word) { return bytes_below(word, 0x21); });
                const bool equal =
                    any_word(text, [](std::uint64_t word) { return bytes_equal(word, 0x7f); });
                const bool outside = any_word(text, [](std::uint64_t word) {
                    return (~bytes_within(word & ~kHighBits, 'a', 'z') | word) & kHighBits;
                });
                if (below != (byte < 0x21) || equal != (byte == 0x7f) ||
                    outside != !(byte >= 'a' && byte <= 'z')) {
                    CAPTURE(size, at, byte);
                    FAIL();
                }
            }
        }
    }
}

TEST_CASE("Neighbours of what is looked for do not hide or feign it") {
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            const std::string text = {
                'q', static_cast<char>(first), static_cast<char>(second), 'q', 'q', 'q', 'q', 'q',
                'q'};
            const bool below =
                any_word(text, [](std::uint64_t word) { return bytes_below(word, 0x20); });
            const bool within = any_word(text, [](std::uint64_t word) {
                return (~bytes_within(word & ~kHighBits, '0', 'q') | word) & kHighBits;
            });
            const auto outside = [](unsigned byte) { return byte < '0' || byte > 'q'; };
            if (below != (first < 0x20 || second < 0x20) ||
                within != (outside(first) || outside(second))) {
                CAPTURE(first, second);
                FAIL();
            }
        }
    }
}

TEST_CASE("An empty text has no bytes") {
    CHECK_FALSE(any_word({}, [](std::uint64_t word) { return bytes_below(word, 0x21); }));
}
