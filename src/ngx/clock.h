#pragma once

#include <cstdint>

#include "ngx/api.h"

namespace mcache::ngx {

// Unix time in microseconds, of this moment and not of this turn of the event loop.
inline std::uint64_t microseconds_now() {
    struct timeval now {};
    ngx_gettimeofday(&now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000 +
           static_cast<std::uint64_t>(now.tv_usec);
}

// Of two moments that ngx_current_msec had, which wraps around.
inline bool is_before(ngx_msec_t one, ngx_msec_t other) {
    return static_cast<ngx_msec_int_t>(one - other) < 0;
}

}  // namespace mcache::ngx
