#pragma once

// The coroutine that a request's lookup is written as. Its frame lies in the request's pool; the
// Context destroys it, and so unwinds every wait, when the request goes away.

#include <coroutine>
#include <exception>
#include <utility>

#include "ngx/api.h"
#include "ngx/guard.h"

namespace mcache::request {

class Context;

class Journey {
  public:
    struct promise_type {
        // nginx's pools align to 8 bytes, a coroutine's frame wants what operator new gives.
        template <typename... Args>
        static void* operator new(std::size_t size, Context& context, Args&...) noexcept {
            return allocate(size, context);
        }
        static void operator delete(void*, std::size_t) noexcept {}

        static Journey get_return_object_on_allocation_failure() noexcept { return Journey(); }
        Journey get_return_object() noexcept {
            return Journey(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {
            try {
                throw;
            } catch (const std::exception& error) {
                ngx::log_exception(error.what());
            } catch (...) {
                ngx::log_exception("not a std::exception");
            }
        }

      private:
        static void* allocate(std::size_t size, Context& context) noexcept;
    };

    Journey() = default;
    Journey(Journey&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Journey& operator=(Journey other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Journey() {
        if (frame_) {
            frame_.destroy();
        }
    }

    // True also where there was no memory to begin.
    bool done() const { return !frame_ || frame_.done(); }

  private:
    explicit Journey(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

}  // namespace mcache::request
