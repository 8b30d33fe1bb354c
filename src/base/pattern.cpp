#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <new>
#include <utility>

namespace mcache {
namespace {

// A pattern for request URIs needs some hundred steps. Only patterns with exponential time reach
// the limit, within milliseconds.
constexpr std::uint32_t kMatchLimit = 100'000;
constexpr std::uint32_t kDepthLimit = 10'000;
constexpr std::uint32_t kHeapLimit = 4096;  // KiB

}  // namespace

struct Pattern::Compiled {
    pcre2_code* code = nullptr;
    pcre2_match_context* context = nullptr;
    pcre2_match_data* data = nullptr;

    Compiled() = default;
    ~Compiled() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
        pcre2_code_free(code);
    }
    Compiled(const Compiled&) = delete;
    Compiled& operator=(const Compiled&) = delete;
};

Pattern::Pattern(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

std::optional<Pattern> Pattern::compile(std::string_view pattern, bool caseless,
                                        std::string& error) {
    auto compiled = std::make_unique<Compiled>();
    const std::uint32_t options = PCRE2_NEVER_UTF | (caseless ? PCRE2_CASELESS : 0);
    int code = 0;
    PCRE2_SIZE offset = 0;
    compiled->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   options, &code, &offset, nullptr);
    if (compiled->code == nullptr) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(code, message, sizeof(message));
        error = reinterpret_cast<const char*>(message);
        error += " at offset " + std::to_string(offset);
        return std::nullopt;
    }
    compiled->context = pcre2_match_context_create(nullptr);
    compiled->data = pcre2_match_data_create(1, nullptr);
    if (compiled->context == nullptr || compiled->data == nullptr) {
        throw std::bad_alloc();
    }
    pcre2_set_match_limit(compiled->context, kMatchLimit);
    pcre2_set_depth_limit(compiled->context, kDepthLimit);
    pcre2_set_heap_limit(compiled->context, kHeapLimit);
    // Without JIT, pcre2_match() interprets the pattern.
    pcre2_jit_compile(compiled->code, PCRE2_JIT_COMPLETE);
    return Pattern(std::move(compiled));
}

Match Pattern::match(std::string_view subject) const {
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(subject.data());
    int result = pcre2_match(compiled_->code, bytes, subject.size(), 0, 0, compiled_->data,
                             compiled_->context);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        result = pcre2_match(compiled_->code, bytes, subject.size(), 0, PCRE2_NO_JIT,
                             compiled_->data, compiled_->context);
    }
    if (result >= 0) {
        return Match::Yes;
    }
    return result == PCRE2_ERROR_NOMATCH ? Match::No : Match::Limit;
}

}  // namespace mcache
