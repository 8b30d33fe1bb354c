#include "lookup/cached_get.h"

#include <new>
#include <utility>

#include "format/item_flags.h"
#include "request/context.h"
#include "request/counters.h"
#include "request/stored_page.h"

namespace mcache::request {

namespace {

// A server of the classic protocol sends the value along with all that it says of it.
bool has_tier(const Context& context, net::Place at) {
    return context.conf().local_size != 0 &&
           context.client().server(at.server).can_leave_values_out();
}

bool is_whole(const net::Answer& answer) {
    return answer.outcome == net::Outcome::Found && !answer.stale && !answer.leased;
}

// What becomes of the tier's memory meanwhile.
class FollowMemory {
  public:
    explicit FollowMemory(const memcached::LocalTier& tier) : tier_(tier), before_(tier.used()) {}
    ~FollowMemory() {
        ngx::own_figures->cells.follow<metrics::Worker::LocalBytes>(before_, tier_.used());
    }
    FollowMemory(const FollowMemory&) = delete;
    FollowMemory& operator=(const FollowMemory&) = delete;

  private:
    const memcached::LocalTier& tier_;
    const std::size_t before_;
};

bool may_be_page(const net::Answer& answer) {
    const format::ItemKind kind = format::classify_item(answer.flags, answer.value->view());
    return kind == format::ItemKind::Entry || kind == format::ItemKind::PlainBody;
}

// Where the body begins in the value. What is made of the value to find out counts as memory of it.
std::size_t begin_of_body(const net::Answer& answer) {
    if (format::classify_item(answer.flags, answer.value->view()) != format::ItemKind::Entry) {
        return 0;
    }
    const StoredPage* page = StoredPage::of(*answer.value);
    const bool whole = page != nullptr && page->decoded() == format::Decoded::Ok;
    return whole ? answer.value->size() - page->view().body.size() : 0;
}

}  // namespace

Look::Look(Context& context, net::Place at, const format::Key& key, bool with_lease)
    : AwaitAnswer(context), at_(at), key_(key), with_lease_(with_lease) {
    net::Client& client = context.client();
    if (has_tier(context, at)) {
        tier_ = context.conf().pool->local_tier();
    }
    if (tier_ != nullptr) {
        known_ = tier_->look(key.view());
        if (!known_.value) {
            tally<metrics::Worker::LocalPages>(kLocalMissing);
        }
    }
    pending_ = known_.value ? client.peek(at.server, key.view(), 0, waiter(), answer_) : get();
}

bool Look::get() {
    return context_.client().get(at_.server, key_.view(), lease_seconds(context_, with_lease_),
                                 waiter(), answer_);
}

void Look::answered(const net::Answer& answer) {
    if (known_.value) {
        if (is_whole(answer) && identity_of(answer).is_of(known_.identity)) {
            answer_ = answer;
            answer_.value = std::move(known_.value);
            answer_.local = true;
            tally<metrics::Worker::LocalPages>(kLocalHit);
            return go_on();
        }
        if (answer.outcome == net::Outcome::Found || answer.outcome == net::Outcome::Missing) {
            tally<metrics::Worker::LocalPages>(kLocalOutdated);
            drop();
            known_.value = BufferRef();
            asked_ = answer.lookup_time;
            if (!get_instead()) {
                go_on();
            }
            return;
        }
    } else if (tier_ != nullptr) {
        keep(answer);
    }
    answer_ = answer;
    answer_.lookup_time += asked_;
    go_on();
}

// Called while other requests wait for theirs: nothing may be thrown. False: nobody can be asked,
// and the answer says why.
bool Look::get_instead() {
    try {
        pending_ = get();
    } catch (const std::bad_alloc&) {
        answer_ = net::Answer{};
        return false;
    }
    return pending_;
}

void Look::drop() {
    const FollowMemory follow(*tier_);
    tier_->drop(key_.view(), known_.identity);
}

void Look::keep(const net::Answer& answer) {
    if (is_whole(answer) && answer.value && answer.value->size() != 0 && may_be_page(answer)) {
        const FollowMemory follow(*tier_);
        tier_->keep(key_.view(), identity_of(answer), answer.value, begin_of_body(answer));
    }
}

}  // namespace mcache::request
