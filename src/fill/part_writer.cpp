#include "fill/part_writer.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "format/item_flags.h"
#include "pool/pool.h"
#include "pool/replicas.h"

namespace mcache::request {

namespace {

// Parts outlive their entry by this, so that a 304 can prolong it, and nobody who has begun to read
// them finds them expired.
constexpr std::int64_t kBeyondEntry = 24 * 60 * 60;

// The largest key of a part; see manifest.h.
constexpr std::size_t kPartKeySize = 5 + 16 + 1 + 32 + 1 + 10;

}  // namespace

std::unique_ptr<LargeStore> LargeStore::create(const LargePlan& plan) {
    const std::uint32_t part_size =
        format::choose_part_size(plan.pool->worker_client().largest_value(kPartKeySize));
    format::Nonce nonce;
    if (part_size == 0 || !format::make_nonce(nonce)) {
        return nullptr;
    }
    return std::unique_ptr<LargeStore>(new (std::nothrow) LargeStore(plan, nonce, part_size));
}

LargeStore::LargeStore(const LargePlan& plan, const format::Nonce& nonce, std::uint32_t part_size)
    : plan_(plan),
      nonce_(nonce),
      keys_(plan.full_key, nonce),
      part_size_(part_size),
      parts_until_(ngx_time() + plan.ttl + kBeyondEntry),
      memory_(plan.pool->worker_client()) {}

LargeStore::~LargeStore() {
    for (std::uint32_t number = 0; number < sent_ && !stored_; ++number) {
        format::Key key;
        if (keys_.make(number, key)) {
            plan_.pool->worker_client().remove_everywhere(
                key.view(), {.cas = {}, .stale_for = {}, .bulk = true});
        }
    }
}

char* LargeStore::reserve(std::size_t& size, std::int64_t expected, Appended& why) {
    if (size > plan_.limit - total_) {
        why = Appended::TooLarge;
        return nullptr;
    }
    const bool full = part_ && part_->size() == format::kPartHeadSize + filled_;
    if (refused_ || (full && !send_part())) {
        why = Appended::Down;
        return nullptr;
    }
    if (!part_) {
        std::size_t payload = part_size_;
        if (expected > 0 && static_cast<std::size_t>(expected) > total_) {
            payload = std::min(payload, static_cast<std::size_t>(expected) - total_);
        }
        part_ = memory_.allocate(format::kPartHeadSize + payload, why);
        if (!part_) {
            return nullptr;
        }
    }
    size = std::min(size, part_->size() - format::kPartHeadSize - filled_);
    char* to = part_->data() + format::kPartHeadSize + filled_;
    filled_ += size;
    total_ += size;
    return to;
}

bool LargeStore::send_part() {
    const std::size_t size = format::kPartHeadSize + filled_;
    format::Key key;
    if (under_way_ + size > std::max<std::size_t>(kMaxUnderWay, 2 * size) ||
        sent_ == std::numeric_limits<std::uint32_t>::max() || !keys_.make(sent_, key)) {
        return false;
    }
    if (free_.empty()) {
        acknowledgements_.push_back(std::make_unique<Acknowledgement>(*this));
        free_.push_back(acknowledgements_.back().get());
    }
    format::encode_part_head(nonce_, sent_, static_cast<std::uint32_t>(filled_), part_->data());
    net::StoreCommand command;
    command.flags = format::kPartFlags;
    command.ttl = parts_until_ - ngx_time();
    command.bulk = true;
    command.parts.push_back({std::move(part_), 0, size});
    memory_.give_back();
    filled_ = 0;
    // Nobody waits for the copies: who misses one fetches the page anew. In a gutter a part stays
    // as long as elsewhere: no other page ever lies under its key.
    Acknowledgement& part = *free_.back();
    net::Client& client = plan_.pool->worker_client();
    const std::vector<net::Place> places = client.places(key.view());
    for (std::size_t i = 1; i < places.size(); ++i) {
        (void)client.store(places[i].server, key.view(), net::StoreCommand(command));
    }
    if (!client.store(places.front().server, key.view(), std::move(command), &part)) {
        return false;
    }
    free_.pop_back();
    part.size = size;
    under_way_ += size;
    ++sent_;
    return true;
}

bool LargeStore::end_body() {
    return !refused_ && (filled_ == 0 || send_part()) && sent_ != 0;
}

format::Manifest LargeStore::manifest() const {
    format::Manifest manifest;
    manifest.nonce = nonce_;
    manifest.total = total_;
    manifest.part_size = part_size_;
    manifest.count = sent_;
    manifest.parts_until = parts_until_;
    return manifest;
}

void LargeStore::acknowledged(Acknowledgement& part, const net::Result& result) {
    refused_ = refused_ || result.outcome != net::Outcome::Found;
    under_way_ -= std::exchange(part.size, 0);
    free_.push_back(&part);
    if (last_ && (under_way_ == 0 || refused_)) {
        const std::unique_ptr<LargeStore> self(this);
        end();
    }
}

void LargeStore::finish(std::unique_ptr<LargeStore> parts, LastStores&& last) {
    parts->last_ = std::make_unique<LastStores>(std::move(last));
    if (parts->under_way_ == 0 || parts->refused_) {
        parts->end();
    } else {
        (void)parts.release();
    }
}

void LargeStore::end() {
    const auto held = std::make_shared<ClaimsUntilStored>(std::move(last_->claims));
    if (refused_) {
        return;
    }
    Pool& pool = *plan_.pool;
    Claims& claims = held->claims;
    stored_ = last_->varies
                  ? store_for_all(pool, claims.variant_key.view(), std::move(last_->entry),
                                  claims.variant_lease, claims.further_variant, held)
                  : store_for_all(pool, claims.key.view(), std::move(last_->entry), claims.lease,
                                  claims.further, held);
    if (stored_ && last_->varies &&
        store_for_all(pool, claims.key.view(), std::move(last_->index), claims.lease,
                      claims.further, held)) {
        pool.vary_memory().remember(last_->index_key, last_->known);
    }
}

}  // namespace mcache::request
