#include "status/assets.h"

#include <cstddef>

// The assembler reads the files, and finds them as headers are found, in src: that works alike
// under CMake and nginx's own configure, and leaves no made file to be kept up to date. CMake knows
// that this file depends on them; in nginx's build touch it after a change. With -flto the
// assembler would run when the module is linked, without the folders of headers: both builds
// compile this file with -fno-lto.
#define MCACHE_ASSET(name, file)                                                 \
    asm(".pushsection .rodata\n"                                                 \
        "mcache_" #name ": .incbin \"status/" file                               \
        "\"\n"                                                                   \
        "mcache_" #name                                                          \
        "_end: .byte 0\n"                                                        \
        ".popsection\n");                                                        \
    extern "C" __attribute__((visibility("hidden"))) const char mcache_##name[]; \
    extern "C" __attribute__((visibility("hidden"))) const char mcache_##name##_end[]

MCACHE_ASSET(page_html, "page.html");
MCACHE_ASSET(page_css, "page.css");
MCACHE_ASSET(page_js, "page.js");

namespace mcache::status {

namespace {

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view page_html() {
    return between(mcache_page_html, mcache_page_html_end);
}

std::string_view page_css() {
    return between(mcache_page_css, mcache_page_css_end);
}

std::string_view page_js() {
    return between(mcache_page_js, mcache_page_js_end);
}

}  // namespace mcache::status
