#pragma once

// The exception barrier. An exception that leaves a function which nginx called kills the worker,
// so every function whose address nginx keeps is given to it as Guard<function, fallback>::call. A
// caught exception is a log line and the fallback, never a dead worker.

#include <exception>

#include "ngx/api.h"

namespace mcache::ngx {

inline void log_exception(const char* what) noexcept {
    ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0, "mcache: unexpected exception: %s", what);
}

template <auto Function, auto... Fallback>
struct Guard;

template <typename R, typename... Args, R (*Function)(Args...), auto Fallback>
struct Guard<Function, Fallback> {
    static R call(Args... args) noexcept {
        try {
            return Function(args...);
        } catch (const std::exception& error) {
            log_exception(error.what());
        } catch (...) {
            log_exception("not a std::exception");
        }
        return static_cast<R>(Fallback);
    }
};

template <typename... Args, void (*Function)(Args...)>
struct Guard<Function> {
    static void call(Args... args) noexcept {
        try {
            Function(args...);
        } catch (const std::exception& error) {
            log_exception(error.what());
        } catch (...) {
            log_exception("not a std::exception");
        }
    }
};

// For functions that read the configuration: there the fallback is its refusal.
template <auto Function>
struct ConfGuard;

template <typename... Args, char* (*Function)(Args...)>
struct ConfGuard<Function> {
    static char* call(Args... args) noexcept {
        try {
            return Function(args...);
        } catch (const std::exception& error) {
            log_exception(error.what());
        } catch (...) {
            log_exception("not a std::exception");
        }
        return static_cast<char*>(NGX_CONF_ERROR);
    }
};

}  // namespace mcache::ngx
