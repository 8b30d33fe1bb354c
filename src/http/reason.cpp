#include "http/reason.h"

namespace mcache::http {

Blame blame_for(Reason reason) {
    switch (reason) {
        case Reason::Method:
        case Reason::RequestHeader:
        case Reason::Authorization:
            return Blame::Request;
        case Reason::StoreOff:
        case Reason::MinUses:
        case Reason::RangeOffset:
        case Reason::PurgeLog:
        case Reason::OutOfMemory:
            return Blame::Cache;
        case Reason::Upgrade:
            return Blame::Response;
        default:
            return stage_of(reason) == Stage::Store ? Blame::Response : Blame::Cache;
    }
}

std::string_view reason_text(Reason reason) {
    switch (reason) {
        case Reason::None:
            return "";
        case Reason::Method:
            return "method";
        case Reason::Ignored:
            return "ignored";
        case Reason::Bypass:
            return "bypass";
        case Reason::RequestBody:
            return "request-body";
        case Reason::RequestHeader:
            return "request-header";
        case Reason::Upgrade:
            return "upgrade";
        case Reason::NoKey:
            return "no-key";
        case Reason::BodyTooLarge:
            return "body-too-large";
        case Reason::Purge:
            return "purge";
        case Reason::InternalRedirect:
            return "internal-redirect";
        case Reason::Miss:
            return "miss";
        case Reason::VaryMiss:
            return "vary-miss";
        case Reason::Expired:
            return "expired";
        case Reason::Purged:
            return "purged";
        case Reason::Stale:
            return "stale";
        case Reason::OnlyIfCached:
            return "only-if-cached";
        case Reason::Down:
            return "down";
        case Reason::Timeout:
            return "timeout";
        case Reason::Garbage:
            return "garbage";
        case Reason::Refused:
            return "refused";
        case Reason::KeyMismatch:
            return "key-mismatch";
        case Reason::ForeignFlags:
            return "foreign-flags";
        case Reason::LockTimeout:
            return "lock-timeout";
        case Reason::PartMissing:
            return "part-missing";
        case Reason::OtherLocation:
            return "other-location";
        case Reason::Busy:
            return "busy";
        case Reason::NoStore:
            return "mcache-no-store";
        case Reason::StoreOff:
            return "store-off";
        case Reason::MinUses:
            return "min-uses";
        case Reason::RangeOffset:
            return "range-offset";
        case Reason::RawFormat:
            return "raw-format";
        case Reason::Status:
            return "status";
        case Reason::PartialContent:
            return "partial-content";
        case Reason::SetCookie:
            return "set-cookie";
        case Reason::Private:
            return "private";
        case Reason::CacheControlNoStore:
            return "no-store";
        case Reason::CacheControlNoCache:
            return "no-cache";
        case Reason::Authorization:
            return "authorization";
        case Reason::AccelExpires:
            return "accel-expires";
        case Reason::NoFreshness:
            return "no-freshness";
        case Reason::AlreadyStale:
            return "already-stale";
        case Reason::VaryStar:
            return "vary-star";
        case Reason::VaryTooLong:
            return "vary-too-long";
        case Reason::VaryInvalid:
            return "vary-invalid";
        case Reason::Tags:
            return "tags";
        case Reason::PurgeLog:
            return "purge-log";
        case Reason::HeaderInvalid:
            return "header-invalid";
        case Reason::TooLarge:
            return "too-large";
        case Reason::Stream:
            return "stream";
        case Reason::Incomplete:
            return "incomplete";
        case Reason::Trailers:
            return "trailers";
        case Reason::OutOfMemory:
            return "out-of-memory";
    }
    return "";
}

}  // namespace mcache::http
