#pragma once

// When a server is asked what it says of itself. One that does not answer, as a proxy that ends the
// connection instead, is asked less and less often, since each time takes a new connection.

#include <algorithm>
#include <cstdint>

namespace mcache::net {

class StatsPace {
  public:
    // To be called at regular intervals: whether to ask now.
    bool due() { return pause_ == 0 || --pause_ == 0; }

    // The first question without an answer is asked again at the next interval, the further ones
    // after 2, 4, ... kLongest.
    void asked() {
        pause_ = next_;
        next_ = std::min(2 * next_, kLongest);
    }
    void answered() {
        pause_ = 0;
        next_ = 1;
    }

  private:
    static constexpr std::uint32_t kLongest = 64;

    std::uint32_t pause_ = 0;  // intervals until the next question
    std::uint32_t next_ = 1;
};

}  // namespace mcache::net
