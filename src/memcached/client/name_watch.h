#pragma once

// Resolves a name of a pool again and again, with nginx's resolver, which never blocks: at once
// when a worker starts, then when the answer's time (`valid` of the resolver, or the TTL) is up.
// While a name cannot be resolved nothing is said, and it is tried again soon. Its timers do not
// hold up a shutdown.

#include <cstddef>
#include <vector>

#include "memcached/client/client.h"
#include "memcached/placement/roster.h"
#include "ngx/api.h"

namespace mcache::net {

class NameWatch {
  public:
    class Listener {
      public:
        // The name of this line has these addresses now, as choose_addresses() left them.
        // `at_start`: it is the first answer to the first question.
        virtual void resolved(std::size_t line, const std::vector<memcached::Address>& addresses,
                              bool at_start) = 0;

      protected:
        ~Listener() = default;
    };

    NameWatch(const PoolOptions& pool, std::size_t line, Listener& listener);
    ~NameWatch();
    NameWatch(const NameWatch&) = delete;
    NameWatch& operator=(const NameWatch&) = delete;

  private:
    static void on_timer(ngx_event_t* event);
    static void on_answer(ngx_resolver_ctx_t* answer);
    void ask();
    void take(ngx_resolver_ctx_t& answer);
    void failed(const char* why, ngx_int_t state);
    ngx_msec_t pause() const;

    const PoolOptions& pool_;
    const std::size_t line_;
    Listener& listener_;
    ngx_event_t timer_{};
    ngx_resolver_ctx_t* under_way_ = nullptr;
    bool asked_ = false;
    bool failing_ = false;  // and the log says so
};

}  // namespace mcache::net
