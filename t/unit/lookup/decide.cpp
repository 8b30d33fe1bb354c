// Each row: what memcached said, what the request is and has done, and what follows. The last test
// says that every reason and every status that a lookup can end in has a row.

#include "lookup/decide.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "unit/catch.h"

using namespace mcache::request;
using mcache::http::Reason;

namespace {

constexpr std::int64_t kNow = 1'000'000;

// What a row says of the request, where it says anything.
class Request final : public RequestFacts {
  public:
    mcache::http::CacheControl control;
    bool subrequest = false;
    bool far_range = false;
    bool for_itself = false;
    bool asked_by_filler = false;
    bool has_body_that_was_read = true;
    bool too_large = false;
    bool unshared = false;
    std::int64_t stub_known = 0;

    const mcache::http::CacheControl& cache_control() const override { return control; }
    bool is_subrequest() const override { return subrequest; }
    bool range_is_too_far() const override { return far_range; }
    bool is_for_itself() const override { return for_itself; }
    bool is_asked_by_filler() const override { return asked_by_filler; }
    bool can_refresh_in_background() const override { return has_body_that_was_read; }
    bool is_known_too_large() const override { return too_large; }
    bool is_unshared() const override { return unshared; }
    std::int64_t stub_known_for() const override { return stub_known; }
};

struct Given {
    LookupFacts facts;
    Request request;
    Turn turn;
    LookupRules rules;
};

// The rules of a location with mcache_store, mcache_lock and mcache_revalidate on, and the default
// times.
Given with(Found found) {
    Given given;
    given.facts.found = found;
    given.rules.store = given.rules.lock = given.rules.revalidate = true;
    given.rules.lock_timeout = 5000;
    given.rules.lock_age = 5000;
    return given;
}

using Change = void (*)(Given&);

// A page that has been stale for ten seconds, unless a row says otherwise.
void stale(Given& given) {
    given.facts.page.generated = kNow - 70;
    given.facts.page.fresh_until = kNow - 10;
    given.facts.page.has_validator = true;
}
void fresh(Given& given) {
    given.facts.page.generated = kNow - 10;
    given.facts.page.fresh_until = kNow + 90;
}
void nearly_stale(Given& given) {
    given.facts.page.generated = kNow - 95;
    given.facts.page.fresh_until = kNow + 5;
    given.rules.reuse.early_permille = 100;
}
void updating(Given& given) {
    stale(given);
    given.rules.reuse.stale_while_updating = 3600;
}
void while_revalidate(Given& given) {
    stale(given);
    given.facts.page.stale_while_revalidate = 3600;
}
void in_background(Given& given) {
    updating(given);
    given.rules.background_update = true;
}
void softly_purged(Given& given) {
    fresh(given);
    given.facts.page.softly_purged = true;
}
void only_if_cached(Given& given) {
    given.request.control.only_if_cached = true;
    given.rules.reuse.honor_request = true;
}
void takes_stale(Given& given) {
    stale(given);
    given.request.control.max_stale_any = true;
    given.rules.reuse.honor_request = true;
}
template <Attempt Of>
void lock(Given& given) {
    given.turn.lock = Of;
    given.turn.fills_for_others = Of == Attempt::Held;
}
template <Attempt Of>
void lead(Given& given) {
    given.turn.lead = Of;
    given.turn.fills_for_others = Of == Attempt::Won;
}
void no_lock(Given& given) {
    given.rules.lock = false;
}
void no_store(Given& given) {
    given.rules.store = false;
}
void holds_stub(Given& given) {
    given.turn.fills_for_others = true;
}
void alone(Given& given) {
    given.turn.alone = true;
}
void timed_out(Given& given) {
    given.turn.waited = 5000;
}
void nearly_timed_out(Given& given) {
    given.turn.waited = 4500;
}
void for_itself(Given& given) {
    given.request.for_itself = true;
}
void asked_by_filler(Given& given) {
    given.request.asked_by_filler = true;
}
void unshared(Given& given) {
    given.request.unshared = true;
}
void counts_uses(Given& given) {
    given.rules.counts_uses = true;
}
template <Uses Are>
void uses(Given& given) {
    given.turn.uses = Are;
}
template <Reason Why>
void why(Given& given) {
    given.facts.why = Why;
}
template <std::int64_t Age>
void stub_aged(Given& given) {
    given.facts.stub_age = Age;
}

// A decision as a row writes it.
struct Shown {
    std::string operator()(const Serve& serve) const {
        return end("serve", serve.status, serve.reason, serve.revalidate) +
               (serve.refresh ? " refresh" : "");
    }
    std::string operator()(const Fill& fill) const {
        return end("fill", fill.status, fill.reason, fill.revalidate) +
               (fill.for_itself ? " for-itself" : "");
    }
    std::string operator()(const Pass& pass) const {
        return end("pass", pass.status, pass.reason, false);
    }
    std::string operator()(const Refuse&) const { return "refuse"; }
    std::string operator()(const GetLock&) const { return "lock"; }
    std::string operator()(const GetLead&) const { return "lead"; }
    std::string operator()(const CountThisUse&) const { return "count"; }
    std::string operator()(const WaitForFill&) const { return "wait"; }
    std::string operator()(const LookAgain&) const { return "look again"; }

    static std::string end(std::string_view verb, Status status, Reason reason, bool revalidate) {
        std::string text = std::string(verb) + ' ' + std::string(status_text(status));
        if (reason != Reason::None) {
            text.append(" ").append(reason_text(reason));
        }
        return text + (revalidate ? " revalidate" : "");
    }
};

std::string shown(const Decision& decision) {
    return std::visit(Shown(), decision);
}

struct Row {
    Found found;
    std::vector<Change> changes;
    std::string_view expected;
};

const Row kRows[] = {
    // A page that is fresh.
    {Found::Page, {fresh}, "serve HIT"},
    {Found::Page, {fresh, no_store}, "serve HIT"},
    {Found::Page, {fresh, only_if_cached}, "serve HIT"},
    {Found::Page, {fresh, alone}, "serve HIT"},
    {Found::Page, {fresh, timed_out}, "serve HIT"},
    {Found::Page, {fresh, counts_uses}, "serve HIT"},
    {Found::Page, {fresh, lock<Attempt::Won>}, "look again"},
    {Found::Page, {fresh, lock<Attempt::Held>}, "serve HIT"},
    {Found::Page, {fresh, [](Given& g) { g.facts.picked_by_encoding = true; }}, "serve HIT"},
    {Found::Page,
     {fresh, [](Given& g) { g.facts.picked_by_encoding = g.request.subrequest = true; }},
     "pass MISS vary-miss"},
    // Soon no more: mcache_early_refresh.
    {Found::Page, {nearly_stale}, "lock"},
    {Found::Page, {nearly_stale, lock<Attempt::Won>}, "look again"},
    {Found::Page, {nearly_stale, lock<Attempt::Held>}, "serve HIT refresh"},
    {Found::Page, {nearly_stale, lock<Attempt::Lost>}, "serve HIT"},
    {Found::Page, {nearly_stale, lock<Attempt::Failed>}, "serve HIT"},
    {Found::Page, {nearly_stale, for_itself}, "serve HIT"},
    {Found::Page, {nearly_stale, asked_by_filler}, "fill EXPIRED expired"},
    {Found::Page,
     {nearly_stale, [](Given& g) { g.request.has_body_that_was_read = false; }},
     "serve HIT"},

    // A page that is stale, and may not be served.
    {Found::Page, {stale}, "lock"},
    {Found::Page, {stale, lock<Attempt::Won>}, "look again"},
    {Found::Page, {stale, lock<Attempt::Held>}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, lock<Attempt::Lost>}, "wait"},
    {Found::Page, {stale, lock<Attempt::Lost>, timed_out}, "pass EXPIRED lock-timeout"},
    {Found::Page, {stale, lock<Attempt::Failed>}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, no_lock}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, no_store}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, alone}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, unshared}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, asked_by_filler}, "fill EXPIRED expired revalidate"},
    {Found::Page, {stale, for_itself}, "fill EXPIRED expired revalidate for-itself"},
    {Found::Page, {stale, counts_uses}, "lock"},
    {Found::Page, {stale, only_if_cached}, "refuse"},
    {Found::Page,
     {stale, no_lock, [](Given& g) { g.facts.page.has_validator = false; }},
     "fill EXPIRED expired"},
    {Found::Page,
     {stale, no_lock, [](Given& g) { g.rules.revalidate = false; }},
     "fill EXPIRED expired"},
    {Found::Page,
     {stale, lock<Attempt::Held>, [](Given& g) { g.facts.unreachable = true; }},
     "fill DOWN expired revalidate"},
    // The client takes it.
    {Found::Page, {takes_stale}, "serve STALE stale"},

    // A page that is stale, and may be served while one request refreshes it.
    {Found::Page, {updating}, "lock"},
    {Found::Page, {updating, lock<Attempt::Won>}, "look again"},
    {Found::Page, {updating, lock<Attempt::Held>}, "fill EXPIRED stale revalidate"},
    {Found::Page, {updating, lock<Attempt::Lost>}, "serve UPDATING stale revalidate"},
    {Found::Page, {updating, lock<Attempt::Failed>}, "serve UPDATING stale revalidate"},
    {Found::Page, {updating, lock<Attempt::Lost>, timed_out}, "serve UPDATING stale revalidate"},
    {Found::Page, {updating, lock<Attempt::Lost>, alone}, "serve UPDATING stale revalidate"},
    {Found::Page, {updating, no_store}, "serve STALE stale revalidate"},
    {Found::Page, {updating, for_itself}, "serve STALE stale revalidate"},
    {Found::Page, {updating, asked_by_filler}, "fill EXPIRED stale revalidate"},
    {Found::Page, {updating, only_if_cached}, "serve STALE stale revalidate"},
    {Found::Page, {updating, counts_uses}, "lock"},
    {Found::Page, {in_background}, "lock"},
    {Found::Page, {in_background, lock<Attempt::Held>}, "serve STALE stale revalidate refresh"},
    {Found::Page, {in_background, lock<Attempt::Lost>}, "serve UPDATING stale revalidate"},
    {Found::Page,
     {in_background, lock<Attempt::Held>,
      [](Given& g) { g.request.has_body_that_was_read = false; }},
     "fill EXPIRED stale revalidate"},
    {Found::Page, {while_revalidate}, "lock"},
    {Found::Page, {while_revalidate, lock<Attempt::Held>}, "serve STALE stale revalidate refresh"},
    {Found::Page, {while_revalidate, lock<Attempt::Lost>}, "serve UPDATING stale revalidate"},
    {Found::Page, {softly_purged}, "lock"},
    {Found::Page, {softly_purged, no_lock}, "lock"},
    {Found::Page, {softly_purged, lock<Attempt::Held>}, "serve STALE purged refresh"},
    {Found::Page, {softly_purged, lock<Attempt::Lost>}, "serve UPDATING purged"},

    // A body that the application wrote, and what is none of mcache's.
    {Found::Body, {}, "serve HIT"},
    {Found::Body, {only_if_cached}, "serve HIT"},
    {Found::NotOurs, {}, "pass MISS foreign-flags"},

    // Nothing, and this request is to fill it.
    {Found::OurStub, {holds_stub}, "fill MISS miss"},
    {Found::OurStub, {holds_stub, no_lock}, "fill MISS miss"},
    {Found::OurStub, {holds_stub, for_itself}, "fill MISS miss for-itself"},
    {Found::OurStub, {holds_stub, only_if_cached}, "refuse"},
    {Found::OurStub,
     {holds_stub, [](Given& g) { g.request.too_large = true; }},
     "pass MISS too-large"},
    {Found::OurStub,
     {holds_stub, [](Given& g) { g.request.far_range = true; }},
     "pass MISS range-offset"},
    {Found::OurStub, {holds_stub, counts_uses}, "count"},
    {Found::OurStub, {holds_stub, counts_uses, uses<Uses::TooFew>}, "pass MISS min-uses"},
    {Found::OurStub, {holds_stub, counts_uses, uses<Uses::Enough>}, "fill MISS miss"},

    // Nothing, and another request fills it.
    {Found::Stub, {}, "wait"},
    {Found::Stub, {timed_out}, "pass MISS lock-timeout"},
    {Found::Stub, {no_lock}, "fill MISS miss"},
    {Found::Stub, {no_store}, "fill MISS miss"},
    {Found::Stub, {alone}, "fill MISS miss"},
    {Found::Stub, {asked_by_filler}, "fill MISS miss"},
    {Found::Stub, {for_itself}, "wait"},
    {Found::Stub, {lock<Attempt::Held>}, "fill MISS miss"},
    {Found::Stub, {stub_aged<5000>}, "wait"},
    {Found::Stub, {stub_aged<5001>}, "lock"},
    {Found::Stub, {[](Given& g) { g.request.stub_known = 4999; }}, "wait"},
    {Found::Stub, {[](Given& g) { g.request.stub_known = 5000; }}, "lock"},
    {Found::Stub, {stub_aged<4000>, nearly_timed_out}, "lock"},
    {Found::Stub, {stub_aged<3999>, nearly_timed_out}, "wait"},
    {Found::Stub, {stub_aged<5001>, lock<Attempt::Lost>}, "wait"},
    {Found::Stub, {stub_aged<5001>, lock<Attempt::Failed>}, "fill MISS miss"},
    {Found::Stub, {stub_aged<5001>, for_itself}, "fill MISS miss for-itself"},

    // Nothing, and no stub to tell who fills it.
    {Found::Nothing, {}, "lock"},
    {Found::Nothing, {lock<Attempt::Won>}, "look again"},
    {Found::Nothing, {lock<Attempt::Held>}, "fill MISS miss"},
    {Found::Nothing, {lock<Attempt::Lost>}, "wait"},
    {Found::Nothing, {lock<Attempt::Lost>, timed_out}, "pass MISS lock-timeout"},
    {Found::Nothing, {lock<Attempt::Failed>}, "fill MISS miss"},
    {Found::Nothing, {no_lock, why<Reason::VaryMiss>}, "fill MISS vary-miss"},
    {Found::Nothing, {no_lock, why<Reason::Purged>}, "fill MISS purged"},
    {Found::Nothing, {no_lock, why<Reason::KeyMismatch>}, "fill MISS key-mismatch"},
    {Found::Nothing, {no_lock, why<Reason::Garbage>}, "fill MISS garbage"},
    {Found::Nothing, {no_lock, why<Reason::ForeignFlags>}, "fill MISS foreign-flags"},
    {Found::Nothing, {no_lock, why<Reason::PartMissing>}, "fill MISS part-missing"},
    {Found::Nothing, {no_lock, why<Reason::OutOfMemory>}, "fill MISS out-of-memory"},
    {Found::Index, {no_lock}, "fill MISS miss"},
    {Found::Unshared, {unshared}, "fill MISS miss"},
    {Found::Unshared, {}, "lock"},

    // No server could say.
    {Found::Unavailable, {why<Reason::Down>}, "lead"},
    {Found::Unavailable, {why<Reason::Down>, lead<Attempt::Lost>}, "wait"},
    {Found::Unavailable, {why<Reason::Down>, timed_out}, "pass DOWN down"},
    {Found::Unavailable, {why<Reason::Timeout>, no_lock}, "pass DOWN timeout"},
    {Found::Unavailable, {why<Reason::Garbage>, no_store}, "pass DOWN garbage"},
    {Found::Unavailable, {why<Reason::Refused>, alone}, "pass DOWN refused"},
    {Found::Unavailable, {why<Reason::Busy>, for_itself}, "pass DOWN busy"},
    {Found::Unavailable, {why<Reason::Down>, unshared}, "pass DOWN down"},
    {Found::Unavailable,
     {why<Reason::Down>, lead<Attempt::Won>, [](Given& g) { g.facts.unreachable = true; }},
     "fill DOWN down"},
};

}  // namespace

TEST_CASE("What follows from what was found") {
    int number = 0;
    for (const Row& row : kRows) {
        Given given = with(row.found);
        for (const Change& change : row.changes) {
            change(given);
        }
        CAPTURE(number++, static_cast<int>(row.found));
        CHECK(shown(decide(given.facts, given.request, given.turn, given.rules, kNow)) ==
              row.expected);
    }
}

TEST_CASE("What becomes of a decision that cannot be carried out") {
    const Decision hit = Serve{};
    const Decision stale_hit = Serve{Status::Stale, Reason::Stale, true, true};
    const Decision expired = Fill{Status::Expired, Reason::Expired, true, true};
    const Decision blind = Fill{Status::Down, Reason::Down, false, false};
    CHECK(shown(without_memory(hit)) == "pass MISS busy");
    CHECK(shown(without_memory(stale_hit)) == "pass MISS busy");
    CHECK(shown(without_memory(expired)) == "fill MISS expired for-itself");
    CHECK(shown(without_memory(blind)) == "fill DOWN down");
    CHECK(shown(without_part(hit, Reason::PartMissing)) == "look again");
    CHECK(shown(without_part(hit, Reason::Timeout)) == "pass DOWN timeout");
    CHECK(shown(without_part(expired, Reason::PartMissing)) == "fill MISS part-missing for-itself");
    CHECK(shown(without_part(expired, Reason::Timeout)) == "fill MISS miss for-itself");
    Given given = with(Found::Stub);
    CHECK(shown(after_too_many_looks(given.facts)) == "pass MISS miss");
    CHECK(shown(without_seat(given.facts)) == "pass MISS busy");
    given.facts.found = Found::Page;
    CHECK(shown(after_too_many_looks(given.facts)) == "pass EXPIRED miss");
    CHECK(shown(without_seat(given.facts)) == "pass EXPIRED busy");
    given.facts.unreachable = true;
    CHECK(shown(without_seat(given.facts)) == "pass DOWN busy");
}

TEST_CASE("Every reason and every status that a lookup ends in has a row") {
    std::set<std::string> said;
    for (const Row& row : kRows) {
        std::string_view rest = row.expected;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            said.insert(std::string(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    using mcache::http::Stage;
    for (int i = 0; i <= static_cast<int>(mcache::http::kLastReason); ++i) {
        const auto reason = static_cast<Reason>(i);
        // only-if-cached is what "refuse" says; the location that makes the page is met later.
        if (stage_of(reason) == Stage::Hit && reason != Reason::OnlyIfCached &&
            reason != Reason::OtherLocation) {
            CAPTURE(reason_text(reason));
            CHECK(said.count(std::string(reason_text(reason))) == 1);
        }
    }
    // BYPASS is not looked up, and REVALIDATED says what the backend answered.
    for (const std::string_view status : {"HIT", "MISS", "EXPIRED", "STALE", "UPDATING", "DOWN"}) {
        CHECK(said.count(std::string(status)) == 1);
    }
}
