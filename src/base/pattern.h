#pragma once

// A PCRE2 pattern that is compiled once, by the configuration, and matched against what clients
// send. Pattern and subject are bytes, not UTF-8 ((*UTF) in a pattern is refused): a request line
// need not be valid UTF-8. A match is unanchored unless the pattern anchors itself.
//
// A hostile subject costs bounded time: a match that takes too many steps, or too much memory, is
// given up and reported as Limit.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcache {

enum class Match : std::uint8_t {
    No,
    Yes,
    Limit,  // given up; the caller takes the safe side
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
