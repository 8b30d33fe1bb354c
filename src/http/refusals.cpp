#include "http/refusals.h"

#include <functional>

namespace mcache::http {
namespace {

std::uint64_t hash_of(std::string_view key) {
    return std::hash<std::string_view>{}(key);
}

}  // namespace

Refusals::Slot& Refusals::slot_for(std::string_view key) {
    if (slots_.empty()) {
        slots_.resize(kSlots);
    }
    const std::uint64_t hash = hash_of(key);
    Slot& slot = slots_[hash % kSlots];
    if (slot.hash != hash) {
        slot = Slot{};
        slot.hash = hash;
    }
    return slot;
}

const Refusals::Slot* Refusals::find(std::string_view key) const {
    if (slots_.empty()) {
        return nullptr;
    }
    const std::uint64_t hash = hash_of(key);
    const Slot& slot = slots_[hash % kSlots];
    return slot.hash == hash ? &slot : nullptr;
}

unsigned Refusals::note(std::string_view key, std::int64_t now, unsigned weight) {
    const unsigned before = count(key, now);
    Slot& slot = slot_for(key);
    slot.noted = now;
    slot.count = before + weight;
    return slot.count;
}

unsigned Refusals::count(std::string_view key, std::int64_t now) const {
    const Slot* slot = find(key);
    return slot == nullptr || now - slot->noted >= kRemembered ? 0 : slot->count;
}

void Refusals::forget(std::string_view key) {
    if (find(key) != nullptr) {
        slot_for(key) = Slot{};
    }
}

void Refusals::note_authorization(std::string_view key, std::int64_t now) {
    Slot& slot = slot_for(key);
    slot.authorization = true;
    slot.authorization_noted = now;
}

bool Refusals::refuses_authorization(std::string_view key, std::int64_t now) const {
    const Slot* slot = find(key);
    return slot != nullptr && slot->authorization && now - slot->authorization_noted < kRemembered;
}

}  // namespace mcache::http
