#pragma once

// Measures the latency of one command a millisecond, of the last that a flush sends.

#include <chrono>
#include <cstdint>
#include <optional>

#include "ngx/api.h"

namespace mcache::net {

class LatencyProbe {
  public:
    // The command with this token is about to be sent.
    void begin(std::uint32_t opaque) {
        if (opaque_ == 0 && begun_in_ != ngx_current_msec) {
            opaque_ = opaque;
            begun_in_ = ngx_current_msec;
            begun_at_ = microseconds();
        }
    }

    // The command with this token was answered. Microseconds where it is the one that is measured,
    // or the first after it where that was never sent.
    std::optional<std::uint64_t> end(std::uint32_t opaque) {
        if (opaque_ == 0 || static_cast<std::int32_t>(opaque - opaque_) < 0) {
            return std::nullopt;
        }
        opaque_ = 0;
        return microseconds() - begun_at_;
    }

    void cancel() { opaque_ = 0; }

  private:
    static std::uint64_t microseconds() {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now).count());
    }

    std::uint32_t opaque_ = 0;  // 0: of none now
    std::uint64_t begun_at_ = 0;
    ngx_msec_t begun_in_ = 0;  // ngx_current_msec
};

}  // namespace mcache::net
