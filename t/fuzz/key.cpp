// Keys of arbitrary bytes: memcached can take what comes out, compose() agrees, and what mcache
// derives is nobody's page.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/key.h"
#include "fuzz/require.h"
#include "memcached/protocol/command.h"

using namespace mcache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view full = text_of(data, size);
    format::Key key;
    require(format::make_key(full, key) == !full.empty());
    if (full.empty()) {
        return 0;
    }
    require(memcached::is_legal_key(key.view()));
    require((key.view() == full) == format::is_own_key(full));
    require(!format::is_own_key(full) || memcached::is_legal_key(full));

    format::Key derived;
    for (const auto kind : {format::Derived::Lock, format::Derived::Subrequest}) {
        require(format::derive_key(key, kind, derived));
        require(memcached::is_legal_key(derived.view()) && !format::is_own_key(derived.view()));
    }
    require(format::make_purge_log_key(full, derived));
    require(memcached::is_legal_key(derived.view()) && !format::is_own_key(derived.view()));

    // Of an illegal key nothing reaches the wire.
    static memcached::OutQueue queue;
    const bool composed = compose(queue, full, memcached::MetaGet{});
    require(composed == memcached::is_legal_key(full));
    require(composed == !queue.empty());
    queue.clear();
    return 0;
}
