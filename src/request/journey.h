#pragma once

// The coroutine that a request's lookup is written as. The Context destroys its frame, and so
// unwinds every wait, when the request goes away.

#include <coroutine>
#include <exception>
#include <utility>

#include "base/recycler.h"
#include "ngx/guard.h"

namespace mcache::request {

class Context;

class Journey {
  public:
    struct promise_type {
        static void* operator new(std::size_t size) noexcept { return take_memory(size); }
        static void operator delete(void* frame, std::size_t size) noexcept {
            give_memory(frame, size);
        }

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
