#include "pool/pool.h"

#include "pool/membership.h"

namespace mcache::request {

Pool::Pool(std::string_view pool_name) : name(pool_name) {}

Pool::~Pool() = default;

void Pool::start() {
    if (options.resolves()) {
        membership_ = std::make_unique<Membership>(*this);
    }
}

void Pool::close() {
    membership_.reset();
    client_.reset();
    local_tier_.reset();  // a new client numbers its connections from 1 again
}

void Pool::note_purge(std::string_view site) {
    if (membership_) {
        membership_->note_purge(site);
    }
}

}  // namespace mcache::request
