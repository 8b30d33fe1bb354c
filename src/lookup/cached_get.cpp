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

bool is_whole(const net::Result& result) {
    return result.outcome == net::Outcome::Found && !result.stale && !result.leased;
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

bool may_be_page(const net::Result& result) {
    const format::ItemKind kind = format::classify_item(result.flags, result.value->view());
    return kind == format::ItemKind::Entry || kind == format::ItemKind::PlainBody;
}

// Where the body begins in the value. What is made of the value to find out counts as memory of it.
std::size_t begin_of_body(const net::Result& result) {
    if (format::classify_item(result.flags, result.value->view()) != format::ItemKind::Entry) {
        return 0;
    }
    const StoredPage* page = StoredPage::of(*result.value);
    const bool whole = page != nullptr && page->decoded() == format::Decoded::Ok;
    return whole ? result.value->size() - page->view().body.size() : 0;
}

}  // namespace

Look::Look(Context& context, net::Place at, const format::Key& key, bool with_lease)
    : AwaitResult(context), at_(at), key_(key), with_lease_(with_lease) {
    net::Client& client = context.client();
    if (has_tier(context, at)) {
        tier_ = context.conf().pool->local_tier();
    }
    if (tier_ != nullptr) {
        known_ = tier_->look(key.view());
        if (!known_.value) {
            tally<metrics::Worker::LocalPages>("missing");
        }
    }
    pending_ = known_.value ? client.peek(at.server, key.view(), 0, listener(), result_) : get();
}

bool Look::get() {
    return context_.client().get(at_.server, key_.view(), lease_seconds(context_, with_lease_),
                                 listener(), result_);
}

void Look::answered(const net::Result& result) {
    if (known_.value) {
        if (is_whole(result) && identity_of(result).is_of(known_.identity)) {
            result_ = result;
            result_.value = std::move(known_.value);
            result_.local = true;
            tally<metrics::Worker::LocalPages>("hit");
            return go_on();
        }
        if (result.outcome == net::Outcome::Found || result.outcome == net::Outcome::Missing) {
            tally<metrics::Worker::LocalPages>("outdated");
            drop();
            known_.value = BufferRef();
            asked_ = result.lookup_time;
            if (!get_instead()) {
                go_on();
            }
            return;
        }
    } else if (tier_ != nullptr) {
        keep(result);
    }
    result_ = result;
    result_.lookup_time += asked_;
    go_on();
}

// Called while other requests wait for theirs: nothing may be thrown. False: nobody can be asked,
// and the answer says why.
bool Look::get_instead() {
    try {
        pending_ = get();
    } catch (const std::bad_alloc&) {
        result_ = net::Result{};
        return false;
    }
    return pending_;
}

void Look::drop() {
    const FollowMemory follow(*tier_);
    tier_->drop(key_.view(), known_.identity);
}

void Look::keep(const net::Result& result) {
    if (is_whole(result) && result.value && result.value->size() != 0 && may_be_page(result)) {
        const FollowMemory follow(*tier_);
        tier_->keep(key_.view(), identity_of(result), result.value, begin_of_body(result));
    }
}

}  // namespace mcache::request
