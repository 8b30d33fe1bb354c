#pragma once

// The coroutine that a request's lookup is written as, and parts of it that are coroutines of their
// own. The Context destroys its frame, and so unwinds every wait, when the request goes away.

#include <coroutine>
#include <exception>
#include <utility>

#include "base/recycler.h"
#include "ngx/guard.h"

namespace mcache::request {

class Context;

// What the frames of both have in common.
struct JourneyPromise {
    static void* operator new(std::size_t size) noexcept { return take_memory(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
        give_memory(frame, size);
    }

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

class Journey {
  public:
    struct promise_type : JourneyPromise {
        static Journey get_return_object_on_allocation_failure() noexcept { return Journey(); }
        Journey get_return_object() noexcept {
            return Journey(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
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

// A part of a journey that is seldom needed, to be awaited where it is called. False: it did not
// come to its end, for lack of memory. Give it a name before it is awaited: gcc 12 destroys a
// temporary wrongly where && or || may leave the co_await out.
class [[nodiscard]] Detour {
  public:
    struct promise_type : JourneyPromise {
        static Detour get_return_object_on_allocation_failure() noexcept { return Detour(); }
        Detour get_return_object() noexcept {
            return Detour(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept {
            struct GoBack {
                bool await_ready() const noexcept { return false; }
                std::coroutine_handle<> await_suspend(
                    std::coroutine_handle<promise_type> ended) const noexcept {
                    return ended.promise().journey;
                }
                void await_resume() const noexcept {}
            };
            return GoBack{};
        }
        void return_void() noexcept { arrived = true; }

        std::coroutine_handle<> journey;
        bool arrived = false;
    };

    Detour(Detour&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Detour& operator=(Detour&&) = delete;
    ~Detour() {
        if (frame_) {
            frame_.destroy();
        }
    }

    bool await_ready() const noexcept { return !frame_; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> journey) noexcept {
        frame_.promise().journey = journey;
        return frame_;
    }
    bool await_resume() const noexcept { return frame_ && frame_.promise().arrived; }

  private:
    Detour() = default;
    explicit Detour(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

}  // namespace mcache::request
