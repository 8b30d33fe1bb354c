#pragma once

// Whether a server is to be asked. What the workers of a node know of it lies in one record of
// atomics in shared memory: one of them learns that the server is away, none of the others has to,
// and one of them at a time looks whether it is back. All times are milliseconds of the monotonic
// clock.
//
// `max_fails` failures within `fail_timeout` take a server out of use, as in nginx's upstreams. No
// request is the one that tries it again: the worker whom begin_probe() chose connects anew, beside
// its requests. The time until that grows from an eighth of fail_timeout to all of it, and is cut
// at random so that the nodes of a fleet do not come at once. A server that failed again before it
// was in use for fail_timeout is waited for as if it had not been back.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include "base/lacks.h"

namespace mcache::net {

// All zeroes: in use, nothing has failed.
struct alignas(64) HealthRecord {
    std::atomic<std::uint64_t> retry_at{0};  // 0: in use. Else also the name of a probe under way
    std::atomic<std::uint64_t> failures{0};  // how many (low bits), and since when
    std::atomic<std::uint64_t> back_since{0};
    std::atomic<std::uint64_t> logged_at{0};
    std::atomic<std::uint64_t> refusal_logged_at[2]{};
    std::atomic<std::uint32_t> attempts{0};  // in vain, to come back into use for good
    std::atomic<Lacks> lacks{0};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// One worker's view of the record.
class Health {
  public:
    // max_fails 0: always in use. A probe that has not ended after probe_time is given up.
    Health(HealthRecord& record, std::uint32_t max_fails, std::uint64_t fail_timeout,
           std::uint64_t probe_time)
        : record_(record),
          max_fails_(std::min<std::uint64_t>(max_fails, kMaxCount)),
          fail_timeout_(std::max<std::uint64_t>(fail_timeout, 1)),
          probe_time_(std::max(probe_time, fail_timeout_)) {}

    bool in_use() const { return record_.retry_at.load(std::memory_order_relaxed) == 0; }

    // What was found out that it lacks.
    Lacks lacks() const { return record_.lacks.load(std::memory_order_relaxed); }
    // Whether nobody knew. Of one worker, also where several find out at once.
    bool is_news(Lack lack) const {
        return (lacks() & bit_of(lack)) == 0 &&
               (record_.lacks.fetch_or(bit_of(lack)) & bit_of(lack)) == 0;
    }
    void found(Lack lack) const {
        if ((lacks() & bit_of(lack)) != 0) {
            record_.lacks.fetch_and(~bit_of(lack));
        }
    }

    // When it was last brought back into use; 0: it always was.
    std::uint64_t back_since() const { return record_.back_since.load(std::memory_order_relaxed); }

    // Of a server that is not in use: whether this worker is to see if it is back. failed() or
    // succeeded() is to follow.
    bool begin_probe(std::uint64_t now) {
        std::uint64_t retry_at = record_.retry_at.load();
        if (retry_at == 0 || now < retry_at) {
            return false;
        }
        const std::uint64_t given_up_at = now + probe_time_;
        if (!record_.retry_at.compare_exchange_strong(retry_at, given_up_at)) {
            return false;
        }
        probe_ = given_up_at;
        return true;
    }

    // `random`: any number. Whether this took the server out of use.
    bool failed(std::uint64_t now, std::uint32_t random) {
        if (max_fails_ == 0) {
            return false;
        }
        if (std::uint64_t probe = std::exchange(probe_, 0); probe != 0) {
            const std::uint32_t attempts = record_.attempts.load() + 1;
            if (record_.retry_at.compare_exchange_strong(probe, now + pause(attempts, random))) {
                record_.attempts.store(attempts);
            }
            return false;
        }
        if (!in_use() || count_failure(now) < max_fails_) {
            return false;
        }
        const std::uint64_t back_since = record_.back_since.load();
        const bool once_more = back_since != 0 && now < back_since + fail_timeout_;
        const std::uint32_t attempts = once_more ? record_.attempts.load() + 1 : 0;
        std::uint64_t expected = 0;
        if (!record_.retry_at.compare_exchange_strong(expected, now + pause(attempts, random))) {
            return false;
        }
        record_.attempts.store(attempts);
        record_.failures.store(0);
        return true;
    }

    // Whether this brought the server back into use. Only who probed it can: a reply that was under
    // way to another says nothing of the time since.
    bool succeeded(std::uint64_t now) {
        if (in_use() || probe_ == 0) {
            return false;
        }
        std::uint64_t probe = std::exchange(probe_, 0);
        record_.back_since.store(now);
        return record_.retry_at.compare_exchange_strong(probe, 0);
    }

    // Whether a line in the log is due, of a node that writes one in fail_timeout.
    bool may_log(std::uint64_t now) { return may_log(record_.logged_at, now); }
    // The same of commands that it refuses, of one kind and of the other.
    bool may_log_refusal(bool kind, std::uint64_t now) {
        return may_log(record_.refusal_logged_at[kind ? 1 : 0], now);
    }

  private:
    bool may_log(std::atomic<std::uint64_t>& at, std::uint64_t now) const {
        std::uint64_t logged_at = at.load();
        return (logged_at == 0 || now >= logged_at + fail_timeout_) &&
               at.compare_exchange_strong(logged_at, now);
    }

    static constexpr std::uint64_t kCountBits = 20;
    static constexpr std::uint64_t kMaxCount = (std::uint64_t{1} << kCountBits) - 1;
    static constexpr std::uint32_t kShortest = 3;  // doublings that lead to fail_timeout

    // How many failures there were within fail_timeout, this one with them.
    std::uint64_t count_failure(std::uint64_t now) {
        std::uint64_t seen = record_.failures.load();
        for (;;) {
            std::uint64_t since = seen >> kCountBits;
            std::uint64_t count = seen & kMaxCount;
            if (count == 0 || now - std::min(since, now) >= fail_timeout_) {
                since = now;
                count = 0;
            }
            count = std::min(count + 1, kMaxCount);
            if (record_.failures.compare_exchange_weak(seen, since << kCountBits | count)) {
                return count;
            }
        }
    }

    // Between half of it and all of it.
    std::uint64_t pause(std::uint32_t attempts, std::uint32_t random) const {
        const std::uint64_t longest = fail_timeout_ >> (kShortest - std::min(attempts, kShortest));
        return std::max<std::uint64_t>(longest - random % (longest / 2 + 1), 1);
    }

    HealthRecord& record_;
    std::uint64_t max_fails_;
    std::uint64_t fail_timeout_;
    std::uint64_t probe_time_;
    std::uint64_t probe_ = 0;  // as it stands in retry_at; 0: this worker does not probe
};

}  // namespace mcache::net
