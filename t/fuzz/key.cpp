// make_key() on arbitrary bytes: memcached can take what comes out, and compose() agrees.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "entry/key.h"
#include "fuzz/require.h"
#include "memcached/command.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view full = text_of(data, size);
    mcache::entry::Key key;
    require(mcache::entry::make_key(full, key) == !full.empty());
    if (full.empty()) {
        return 0;
    }
    require(mcache::memcached::is_legal_key(key.view()));
    require((key.view() == full) == mcache::memcached::is_legal_key(full));

    mcache::entry::Key again;
    require(mcache::entry::make_key(key.view(), again) && again.view() == key.view());

    // Of an illegal key nothing reaches the wire.
    static mcache::memcached::OutQueue queue;
    const bool composed = compose(queue, full, mcache::memcached::MetaGet{});
    require(composed == mcache::memcached::is_legal_key(full));
    require(composed == !queue.empty());
    queue.clear();
    return 0;
}
