// Runs a fuzz target without libFuzzer, over a corpus and over what lies near it: of each file
// every beginning, and the whole with each byte in turn replaced by some others.
//
//     fuzz_NAME FOLDER
//
// Prints how many inputs were tried. A finding ends the process.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

// A copy of exactly that size, so that AddressSanitizer sees the end of the input.
void run(const Bytes& input, std::size_t size) {
    const Bytes exact(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

std::size_t run_around(Bytes input) {
    std::size_t tried = 0;
    for (std::size_t size = 0; size <= input.size(); ++size, ++tried) {
        run(input, size);
    }
    for (std::uint8_t& byte : input) {
        const std::uint8_t original = byte;
        for (const int other :
             std::initializer_list<int>{0, '\n', ' ', '0', '9', 'a', 0xFF, original ^ 0x20}) {
            byte = static_cast<std::uint8_t>(other);
            run(input, input.size());
            ++tried;
        }
        byte = original;
    }
    return tried;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    std::size_t files = 0;
    std::size_t tried = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        std::ifstream file(entry.path(), std::ios::binary);
        tried += run_around({std::istreambuf_iterator<char>(file), {}});
        ++files;
    }
    std::printf("%zu files, %zu inputs\n", files, tried);
    return files == 0 ? 1 : 0;
}
