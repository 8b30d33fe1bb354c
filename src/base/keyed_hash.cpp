#include "base/keyed_hash.h"

#include <sys/random.h>

#include <bit>
#include <chrono>
#include <cstring>

namespace mcache {

namespace {

struct State {
    std::uint64_t a, b, c, d;

    void round() {
        a += b;
        c += d;
        b = std::rotl(b, 13) ^ a;
        d = std::rotl(d, 16) ^ c;
        a = std::rotl(a, 32);
        c += b;
        a += d;
        b = std::rotl(b, 17) ^ c;
        d = std::rotl(d, 21) ^ a;
        c = std::rotl(c, 32);
    }
    void take(std::uint64_t word) {
        d ^= word;
        round();
        a ^= word;
    }
};

// As little-endian numbers.
std::uint64_t word_at(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof(word));
    if constexpr (std::endian::native == std::endian::big) {
        word = __builtin_bswap64(word);
    }
    return word;
}

// What is left of a text behind its whole words.
std::uint64_t rest_of(std::string_view text) {
    const std::size_t left = text.size() % 8;
    if (left == 0) {
        return 0;
    }
    if (text.size() >= 8) {
        return word_at(text.data() + text.size() - 8) >> (8 * (8 - left));
    }
    char bytes[8] = {};
    text.copy(bytes, sizeof(bytes));
    return word_at(bytes);
}

HashKey draw_key() {
    HashKey key;
    if (getrandom(&key, sizeof(key), GRND_NONBLOCK) != sizeof(key)) {
        // The system has no randomness yet. The time and the address of memory are hard to guess.
        const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
        key.first = static_cast<std::uint64_t>(now) * 0x9E3779B97F4A7C15;
        key.second = reinterpret_cast<std::uintptr_t>(&key) ^ static_cast<std::uint64_t>(now);
    }
    return key;
}

const HashKey own_key = draw_key();

}  // namespace

std::uint64_t sip_hash(const HashKey& key, std::string_view bytes) {
    State state{key.first ^ 0x736F6D6570736575, key.second ^ 0x646F72616E646F6D,
                key.first ^ 0x6C7967656E657261, key.second ^ 0x7465646279746573};
    const char* const end = bytes.data() + bytes.size() / 8 * 8;
    for (const char* at = bytes.data(); at != end; at += 8) {
        state.take(word_at(at));
    }
    state.take(rest_of(bytes) | static_cast<std::uint64_t>(bytes.size()) << 56);
    state.c ^= 0xFF;
    state.round();
    state.round();
    state.round();
    return state.a ^ state.b ^ state.c ^ state.d;
}

std::uint64_t keyed_hash(std::string_view bytes) {
    return sip_hash(own_key, bytes);
}

}  // namespace mcache
