#include "http/stream.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mcache::http {

namespace {

// Types of which a response goes on for as long as its client stays.
constexpr std::array<std::string_view, 3> kEndless = {
    "text/event-stream", "multipart/x-mixed-replace", "application/grpc"};

}  // namespace

bool is_stream(const StreamFacts& facts) {
    const std::string_view type =
        trim_ows(facts.content_type.substr(0, facts.content_type.find_first_of(";+")));
    const bool endless = std::any_of(kEndless.begin(), kEndless.end(),
                                     [&](std::string_view each) { return iequals(type, each); });
    return endless || (facts.unbuffered && (facts.asks_for_it || !facts.has_length));
}

}  // namespace mcache::http
