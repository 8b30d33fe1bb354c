#include "local/live_values.h"

#include <memory>
#include <new>
#include <utility>

namespace mcache::memcached {

struct LiveValues::Value final : BufferNote {
    Value(LiveValues& listed_in, std::string_view of_key, const ItemIdentity& item, Buffer& value)
        : list(&listed_in), key(of_key), identity(item), bytes(&value) {}

    void destroy() noexcept override {
        if (list != nullptr) {
            list->forget(*this);
        }
        delete this;
    }
    std::size_t memory() const noexcept override { return sizeof(*this) + key.size(); }

    LiveValues* list;  // null: replaced by a newer value
    std::string key;
    ItemIdentity identity;
    Buffer* bytes;
};

// Another connection may lead to a restarted memcached, which reuses CAS values: compare the bytes.
bool LiveValues::is_same(const Value& known, ItemIdentity identity, const Buffer& value) {
    const bool one_connection = identity.connection == known.identity.connection;
    identity.connection = known.identity.connection;
    return known.identity.is_of(identity) &&
           (one_connection || known.bytes->view() == value.view());
}

LiveValues::~LiveValues() {
    for (auto& [key, value] : values_) {
        value->list = nullptr;
    }
}

void LiveValues::forget(const Value& value) noexcept {
    values_.erase(value.key);
}

BufferRef LiveValues::unite(std::string_view key, const ItemIdentity& identity,
                            BufferRef value) noexcept {
    if (value->size() < kLarge || identity.cas == 0 || value->is_watched()) {
        return value;
    }
    try {
        auto made = std::make_unique<Value>(*this, key, identity, *value);
        const auto [place, is_new] = values_.try_emplace(made->key, made.get());
        if (!is_new) {
            Value& known = *place->second;
            if (is_same(known, identity, *value)) {
                return BufferRef::share(*known.bytes);
            }
            known.list = nullptr;
            place->second = made.get();
        }
        value->watch(made.release());
    } catch (const std::bad_alloc&) {  // then the value is in memory twice
    }
    return value;
}

}  // namespace mcache::memcached
