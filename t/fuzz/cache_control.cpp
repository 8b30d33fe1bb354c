// The input, line by line, is a response's header fields. Whatever they say, every number stays
// in its range, a verdict keeps its promises, and a no-store or private of its own member holds.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/lines.h"
#include "fuzz/require.h"
#include "http/cache_control.h"
#include "http/hop_by_hop.h"
#include "http/request_policy.h"
#include "http/storable.h"

using namespace mcache::http;

namespace {

constexpr std::int64_t kNow = 1704067200;

std::vector<HeaderField> split(std::string_view text) {
    std::vector<HeaderField> fields;
    for (const std::string_view line : mcache::split_lines(text)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            fields.push_back({"Cache-Control", line});
        } else {
            fields.push_back({line.substr(0, colon), line.substr(colon + 1)});
        }
    }
    return fields;
}

void check_directives(const CacheControl& cc) {
    for (const auto& seconds : {cc.max_age, cc.s_maxage, cc.stale_while_revalidate,
                                cc.stale_if_error, cc.max_stale, cc.min_fresh}) {
        require(!seconds || (*seconds >= 0 && *seconds <= kMaxDeltaSeconds));
    }
    require(cc.no_cache || !cc.no_cache_fields);
    require(cc.is_private || !cc.private_fields);
}

void check_verdict(const Verdict& verdict) {
    if (!verdict.storable()) {
        return;
    }
    require(verdict.generated <= kNow);
    require(verdict.keep_until > kNow);
    require(verdict.keep_until >= verdict.fresh_until);
    require(verdict.stale_while_revalidate >= 0 && verdict.stale_if_error >= 0);

    StoredFacts stored;
    stored.generated = verdict.generated;
    stored.fresh_until = verdict.fresh_until;
    stored.stale_while_revalidate = verdict.stale_while_revalidate;
    stored.stale_if_error = verdict.stale_if_error;
    stored.must_revalidate = verdict.must_revalidate;
    stored.has_validator = verdict.has_validator;
    require(may_reuse(stored, {}, {}, kNow).reuse != Reuse::Unusable);
    require(may_reuse(stored, {}, {}, verdict.keep_until).reuse != Reuse::Fresh);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const std::vector<HeaderField> fields =
        split({reinterpret_cast<const char*>(data) + 3, size - 3});

    const CacheControl directives = parse_cache_control(fields);
    check_directives(directives);
    check_directives(parse_request_cache_control(fields));
    if (const auto targeted = parse_targeted_cache_control(fields, "CDN-Cache-Control")) {
        check_directives(*targeted);
    }

    const std::string_view targets[] = {"CDN-Cache-Control"};
    const ValidRule valid[] = {{60, 404}};
    StoreRules rules;
    rules.valid = valid;
    rules.heuristic_permille = (data[0] & 1) != 0 ? 100 : 0;
    rules.keep_stale = (data[0] & 2) != 0 ? 600 : 0;
    rules.store_no_cache = (data[0] & 4) != 0;
    rules.store_stale = (data[0] & 8) != 0;
    rules.windows_beside_s_maxage = (data[0] & 16) != 0;
    RequestFacts request;
    request.has_authorization = (data[0] & 32) != 0;

    const FieldNames named = named_in_connection(fields);
    for (const HeaderField& field : fields) {
        require(!named.contains(field.name) || field.name.find(',') == std::string_view::npos);
        require(!is_hop_by_hop(field.name) || !updates_stored_field(field.name));
    }

    const unsigned status = 100 + data[1] * 2U;
    const std::int64_t request_time = kNow - data[2];
    const Verdict plain = judge_response(request, {status, fields, request_time, kNow}, rules);
    check_verdict(plain);
    rules.targeted = targets;
    check_verdict(judge_response(request, {status, fields, request_time, kNow}, rules));

    rules.targeted = {};
    rules.ignore.x_accel_expires = true;
    const Verdict without_accel =
        judge_response(request, {status, fields, request_time, kNow}, rules);
    check_verdict(without_accel);
    require(!without_accel.storable() || !directives.is_private);
    require(!without_accel.storable() || !directives.no_store || directives.must_understand);
    require(!without_accel.storable() || !request.has_authorization ||
            directives.permits_authorized());
    return 0;
}
