#pragma once

// How a journey looks for a page: as Get, but where the local tier has its value, memcached is
// asked only whether that still is what lies there. If so, it has been answered as if memcached had
// sent the value. If not, memcached is asked for what lies there, and the miss is as every other.

#include "format/key.h"
#include "local/local_tier.h"
#include "request/await.h"

namespace mcache::request {

class Look final : public AwaitResult {
  public:
    // The key is the context's, and outlives the look.
    Look(Context& context, net::Place at, const format::Key& key, bool with_lease);

    net::Place at() const { return at_; }

  private:
    void answered(const net::Result& result) override;
    bool get();
    bool get_instead();
    void drop();
    void keep(const net::Result& result);

    net::Place at_;
    const format::Key& key_;
    bool with_lease_;
    memcached::LocalTier* tier_ = nullptr;  // null: it has no say
    memcached::LocalTier::Item known_;      // about which memcached is being asked
    ngx_msec_t asked_ = 0;                  // milliseconds that it took to be told of another
};

}  // namespace mcache::request
