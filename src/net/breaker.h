#pragma once

#include <cstdint>

namespace mcache::net {

// Whether a server may be asked, with nginx's meaning of max_fails and fail_timeout: `max_fails`
// failures within `fail_timeout` make it unavailable for `fail_timeout`; then one probe is let
// through, and its outcome decides. All times are milliseconds of one monotonic clock.
class Breaker {
  public:
    // max_fails 0: never unavailable.
    Breaker(std::uint32_t max_fails, std::uint64_t fail_timeout)
        : max_fails_(max_fails), fail_timeout_(fail_timeout) {}

    // May a command be sent now? Past fail_timeout the first caller becomes the probe.
    bool admit(std::uint64_t now) {
        if (state_ == State::Closed) {
            return true;
        }
        if (now < retry_at_) {
            return false;
        }
        state_ = State::Probing;
        retry_at_ = now + fail_timeout_;  // for the next one, should this one never end
        return true;
    }

    // Returns whether this made the server unavailable (and was not just a probe that failed).
    bool failed(std::uint64_t now) {
        if (max_fails_ == 0) {
            return false;
        }
        if (state_ != State::Closed) {
            state_ = State::Open;
            retry_at_ = now + fail_timeout_;
            return false;
        }
        if (fails_ == 0 || now - first_failure_ >= fail_timeout_) {
            fails_ = 0;
            first_failure_ = now;
        }
        if (++fails_ < max_fails_) {
            return false;
        }
        state_ = State::Open;
        retry_at_ = now + fail_timeout_;
        return true;
    }

    // Returns whether this made the server available again.
    bool succeeded() {
        const bool recovered = state_ != State::Closed;
        state_ = State::Closed;
        if (recovered) {
            fails_ = 0;
        }
        return recovered;
    }

  private:
    enum class State : std::uint8_t {
        Closed,   // commands flow
        Open,     // none before retry_at_
        Probing,  // one caller was let through; the others wait for how that ended, or retry_at_
    };

    std::uint32_t max_fails_;
    std::uint64_t fail_timeout_;
    State state_ = State::Closed;
    std::uint32_t fails_ = 0;
    std::uint64_t first_failure_ = 0;
    std::uint64_t retry_at_ = 0;
};

}  // namespace mcache::net
