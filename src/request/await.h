#pragma once

// What a journey waits for. Each object lies in the journey's frame and begins its work when it is
// constructed, so that two of them run side by side; destroying it detaches it.

#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

#include "format/key.h"
#include "memcached/client/client.h"
#include "ngx/api.h"
#include "pool/claims.h"

namespace mcache::request {

class Context;
struct LocationConf;

// The request waits, in a phase handler that returns NGX_AGAIN.
void park(ngx_http_request_t* r);

// Goes on with the request when its journey is over. Nothing of the request may be touched after.
void continue_request(Context& context);

// Goes on with a journey whose wait has ended, and with its request where that was the last.
void step(Context& context, std::coroutine_handle<> journey);

class AwaitResult : net::Listener {
  public:
    bool await_ready() const noexcept { return !pending_; }
    void await_suspend(std::coroutine_handle<> journey) noexcept { journey_ = journey; }
    net::Result await_resume() { return std::move(result_); }

  protected:
    explicit AwaitResult(Context& context) : context_(context) {}
    ~AwaitResult() = default;

    Listener& listener() { return *this; }
    void answered(const net::Result& result) override;
    // The answer is in its place.
    void go_on();

    Context& context_;
    net::Result result_;
    bool pending_ = false;

  private:
    std::coroutine_handle<> journey_;
};

// The value of a key of that server. With a lease, memcached makes a stub where there is nothing.
class Get final : public AwaitResult {
  public:
    Get(Context& context, net::Place at, std::string_view key, bool with_lease);
};

// How long a stub lives: what takes longer to make is not stored.
std::int64_t stub_seconds(const LocationConf& conf);

// For how long a get is to make a stub where there is nothing; 0: not at all.
std::int64_t lease_seconds(const Context& context, bool with_lease);

// How long a lock does, in seconds of memcached's clock.
std::int64_t lock_seconds(const LocationConf& conf);
// Whether the lock that the context holds is of the page that it is about.
bool holds_lock_of_page(const Context& context);

// Whether this request may be the one to fill or refresh the page: Outcome::Found.
class TakeLock final : public AwaitResult {
  public:
    explicit TakeLock(Context& context);
};

// How often the page was asked for in vain: Result::number.
class CountUse final : public AwaitResult {
  public:
    explicit CountUse(Context& context);
};

// What a memcached says of a key's item, without the value.
class Peek final : public AwaitResult {
  public:
    Peek(Context& context, net::ServerIndex server, std::string_view key);
};

// Leases on the other servers that are to have a copy of what the request is about to fetch, into
// the context: before the backend is asked, so that a purge that comes after wins on each. Nothing
// to wait for where pages have no copies.
class TakeFurtherLeases {
  public:
    explicit TakeFurtherLeases(Context& context, bool wanted = true);

    bool await_ready() const noexcept { return under_way_ == 0; }
    void await_suspend(std::coroutine_handle<> journey) noexcept { journey_ = journey; }
    void await_resume() const noexcept {}

  private:
    class Taken final : public net::Listener {
      public:
        void answered(const net::Result& result) override { all->taken(*this, result); }

        TakeFurtherLeases* all = nullptr;
        FurtherLeases* into = nullptr;
        net::Place at;
    };
    void begin(const format::Key& key, const Lease& first, FurtherLeases& further);
    void taken(Taken& lease, const net::Result& result);

    Context& context_;
    std::coroutine_handle<> journey_;
    std::unique_ptr<std::deque<Taken>> leases_;
    std::size_t under_way_ = 0;
};

// Removes an item of a server, or marks it stale: as Client::remove().
class Remove final : public AwaitResult {
  public:
    Remove(Context& context, net::ServerIndex server, std::string_view key,
           const net::RemoveCommand& command);
};

// Puts text behind a server's item: as Client::store().
class Append final : public AwaitResult {
  public:
    Append(Context& context, net::ServerIndex server, std::string_view key, BufferRef text);
};

// Until something may have become of another request's fill: a Wake.
class AwaitFill final : public AwaitResult {
  public:
    // `looked`: when the request began to look what lies there, as ngx_current_msec.
    AwaitFill(Context& context, ngx_msec_t looked);
};

}  // namespace mcache::request
