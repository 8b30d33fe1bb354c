#pragma once

// What the workers of a node know together of the addresses of a pool's names: which record of
// health belongs to which address, and for a worker that starts, after a reload or another's death,
// who the servers are before the names are resolved anew. In shared memory; all is atomics, since
// workers may write at the same time. A worker that dies in between leaves at worst a record that
// is not used.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcache::net {

// All zeroes: nobody's.
struct KnownAddress {
    static constexpr std::size_t kMaxSize = 32;

    std::atomic<std::uint64_t> whose{0};  // a hash of line and address
    std::atomic<bool> readable{false};    // what is below is written
    std::atomic<bool> active{false};      // as the worker that learned something last has it
    std::atomic<std::uint64_t> since{0};  // Unix time in microseconds when it came; 0: at the start
    std::uint32_t line = 0;
    std::uint32_t size = 0;
    std::array<char, kMaxSize> bytes{};

    std::string_view address() const { return {bytes.data(), size}; }
};

class KnownAddresses {
  public:
    // Addresses that a pool may have seen, those that have left among them. Beyond these a worker
    // does without.
    static constexpr std::size_t kMost = 256;

    KnownAddresses() = default;
    explicit KnownAddresses(KnownAddress* records) : records_(records) {}

    bool shared() const { return records_ != nullptr; }
    KnownAddress& at(std::size_t index) const { return records_[index]; }

    // The record of this address, kMost where all are taken: the same in each worker, but for two
    // addresses of one hash, which share one.
    std::size_t claim(std::uint32_t line, std::string_view address) const {
        const std::uint64_t hash = hash_of(line, address);
        for (std::size_t i = 0; records_ != nullptr && i < kMost; ++i) {
            KnownAddress& record = records_[i];
            std::uint64_t whose = 0;
            if (record.whose.compare_exchange_strong(whose, hash)) {
                record.line = line;
                record.size = static_cast<std::uint32_t>(
                    address.copy(record.bytes.data(), record.bytes.size()));
                record.readable.store(true);
                return i;
            }
            if (whose == hash) {
                return i;
            }
        }
        return kMost;
    }

  private:
    // FNV-1a; never 0.
    static std::uint64_t hash_of(std::uint32_t line, std::string_view address) {
        std::uint64_t hash = 0xcbf29ce484222325 ^ line;
        for (const char byte : address) {
            hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
        }
        return hash == 0 ? 1 : hash;
    }

    KnownAddress* records_ = nullptr;
};

}  // namespace mcache::net
