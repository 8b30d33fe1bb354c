#pragma once

// A PCRE2 pattern that is compiled once, with the configuration, and matched against client input.
// Pattern and subject are bytes, not UTF-8 ((*UTF) in a pattern is refused): a request line
// need not be valid UTF-8. A match is unanchored unless the pattern anchors itself.
//
// A hostile subject takes bounded time: a match with too many steps, or too much memory, is
// aborted and reported as Limit.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcache {

enum class Match : std::uint8_t {
    No,
    Yes,
    Limit,  // aborted; the caller must assume the safe result
};

class Pattern {
  public:
    // Empty, with PCRE2's message and the offset in `error`, when the pattern is wrong.
    static std::optional<Pattern> compile(std::string_view pattern, bool caseless,
                                          std::string& error);

    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    // The working memory is the pattern's own and is reused: for one thread only.
    Match match(std::string_view subject) const;

  private:
    struct Compiled;
    explicit Pattern(std::unique_ptr<Compiled> compiled);

    std::unique_ptr<Compiled> compiled_;
};

}  // namespace mcache
