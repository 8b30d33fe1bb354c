#pragma once

// What a journey waits for where purges are concerned, as the objects of await.h.

#include <coroutine>
#include <memory>
#include <string_view>
#include <vector>

#include "pool/missed_purges.h"
#include "pool/purge_log_reader.h"

namespace mcache::request {

class Context;

// A purge log brought up to date, see purge_log_reader.h.
class AwaitPurgeLog final : public PurgeLogReader {
  public:
    AwaitPurgeLog(Context& context, net::ServerIndex server);

    ~AwaitPurgeLog();

    bool await_ready() { return settled(); }
    void await_suspend(std::coroutine_handle<> journey) noexcept { journey_ = journey; }
    net::Outcome await_resume() const { return outcome(); }

  private:
    class Witnesses;

    void finished() override { go_on(); }
    void go_on();
    // Nothing is waited for.
    bool settled();

    Context& context_;
    std::coroutine_handle<> journey_;
    std::unique_ptr<Witnesses> witnesses_;  // where pages have copies
};

// It is noted which servers missed a purge, see missed_purges.h.
class AwaitLostServers final : public LostServers {
  public:
    AwaitLostServers(Context& context, std::string_view site,
                     const std::vector<net::ServerIndex>& lost);

    bool await_ready() const noexcept { return !pending(); }
    void await_suspend(std::coroutine_handle<> journey) noexcept { journey_ = journey; }
    bool await_resume() const { return holds(); }

  private:
    void finished() override;

    Context& context_;
    std::coroutine_handle<> journey_;
};

}  // namespace mcache::request
