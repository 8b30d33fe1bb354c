#pragma once

// A body on its way into memcached that does not fit into one item: sent off in parts while the
// origin sends, so that no more of it is held than the part that is being filled and those that
// memcached has not acknowledged yet. When it has acknowledged them all, the entry with the
// manifest is stored. Until then nobody finds them: the parts of a fill that breaks are removed.
//
// A LargeStore belongs to its request's capture until the body has ended, and to itself after.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "fill/capture.h"
#include "format/manifest.h"
#include "memcached/client/operation.h"
#include "pool/claims.h"
#include "request/variant.h"

namespace mcache::request {

// What is to be stored when the parts are.
struct LastStores {
    Claims claims;
    bool varies = false;  // the entry is a variant, and the URL's key gets the index
    net::StoreCommand entry;
    net::StoreCommand index;
    std::string index_key;  // full key of the URL
    VaryIndex known;        // what the index says
};

class LargeStore {
  public:
    // Null where items are too small for parts, or there is no memory.
    static std::unique_ptr<LargeStore> create(const LargePlan& plan);

    LargeStore(const LargePlan& plan, const format::Nonce& nonce, std::uint32_t part_size);
    ~LargeStore();
    LargeStore(const LargeStore&) = delete;
    LargeStore& operator=(const LargeStore&) = delete;

    // As Capture::reserve(). `expected`: the size of the whole body, or -1.
    char* reserve(std::size_t& size, std::int64_t expected, Appended& why);

    std::size_t size() const { return total_; }

    // The body has ended: sends the last part off. False when it cannot be stored.
    bool end_body();
    format::Manifest manifest() const;

    // Stores the rest when the parts are acknowledged; if they are not, gives the claims back.
    static void finish(std::unique_ptr<LargeStore> parts, LastStores&& last);

  private:
    class Acknowledgement final : public net::Listener {
      public:
        explicit Acknowledgement(LargeStore& owner) : owner_(owner) {}
        void answered(const net::Result& result) override { owner_.acknowledged(*this, result); }

        std::size_t size = 0;  // of the part

      private:
        LargeStore& owner_;
    };

    bool send_part();
    void acknowledged(Acknowledgement& part, const net::Result& result);
    void end();

    // Beyond this memcached does not keep up with the origin. An origin that is fast has nginx read
    // megabytes before it hears of memcached again.
    static constexpr std::size_t kMaxUnderWay = 32 * 1024 * 1024;

    const LargePlan plan_;
    const format::Nonce nonce_;
    const format::PartKeys keys_;
    const std::uint32_t part_size_;
    const std::int64_t parts_until_;

    CollectedMemory memory_;  // of the part
    BufferRef part_;          // that is being filled; its head is written when it is sent
    std::size_t filled_ = 0;
    std::size_t total_ = 0;
    std::uint32_t sent_ = 0;
    std::size_t under_way_ = 0;  // bytes that are not acknowledged
    bool refused_ = false;
    bool stored_ = false;  // the entry is on its way
    std::vector<std::unique_ptr<Acknowledgement>> acknowledgements_;
    std::vector<Acknowledgement*> free_;
    std::unique_ptr<LastStores> last_;  // the body has ended
};

}  // namespace mcache::request
