#include "hit/part_reader.h"

#include <algorithm>

#include "format/item_flags.h"
#include "http/byte_range.h"
#include "http/http_date.h"
#include "ngx/guard.h"
#include "ngx/pool.h"
#include "ngx/upstream.h"
#include "request/context.h"
#include "request/counters.h"

namespace mcache::request {

namespace {

// A bit of r->buffered that none of nginx's filters uses.
constexpr unsigned kBuffered = 0x08;

// nginx's range filter decides what If-Range means; this foresees it, to ask for the right part.
bool if_range_holds(const ngx_http_request_t* r, const format::EntryView& page) {
    if (r->headers_in.if_range == nullptr) {
        return true;
    }
    const std::string_view condition = ngx::view(r->headers_in.if_range->value);
    if (!condition.ends_with('"')) {
        return page.last_modified != -1 &&
               http::parse_http_date(condition, ngx_time()) == page.last_modified;
    }
    bool holds = false;
    page.for_each_header([&](const format::EntryHeader& header) {
        holds = holds || (header.id == format::HeaderId::ETag && header.value == condition);
    });
    return holds;
}

// A body that ends with the connection must not seem to have ended well, also that of a page that
// has taken this one in.
void reset_if_unframed(ngx_http_request_t* r) {
    const ngx_http_request_t* whole = r->main;
    const bool framed =
        whole->headers_out.content_length_n >= 0 || whole->chunked || whole->stream != nullptr;
    if (!framed) {
        const linger reset = {1, 0};
        (void)setsockopt(r->connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
}

// While a subrequest has more to send, nginx times the client, who may have nothing to take.
void stop_send_timer(ngx_http_request_t* r) {
    ngx_event_t* writing = r->connection->write;
    if (r != r->main && r->connection->buffered == 0 && writing->timer_set && !writing->delayed) {
        ngx_del_timer(writing);
    }
}

}  // namespace

LargeHit::LargeHit(Context& context, const format::Manifest& manifest)
    : context_(context),
      client_(LargeBuffers::client_of(context.request())),
      manifest_(manifest),
      keys_(context.found.page->key, manifest.nonce),
      unit_(format::kPartHeadSize + manifest.payload_size(0)),
      last_(manifest.count - 1) {
    for (Part& part : parts_) {
        part.owner = this;
    }
    reader_.owner = this;
    nudge_.data = write_.data = this;
    nudge_.handler = ngx::Guard<nudge>::call;
    write_.handler = ngx::Guard<write_inactive>::call;
    nudge_.log = write_.log = ngx_cycle->log;
}

LargeHit::~LargeHit() {
    let_go();
}

// ---- before the header is sent ----------------------------------------------------------------

void LargeHit::foresee_range() {
    const ngx_http_request_t* r = context_.request();
    next_ = 0;
    last_ = manifest_.count - 1;
    if (r->headers_in.range == nullptr || r != r->main || r->method != NGX_HTTP_GET ||
        !if_range_holds(r, *context_.found.page)) {
        return;
    }
    const auto range =
        http::parse_single_range(ngx::view(r->headers_in.range->value), manifest_.total);
    wants_range_ = range.has_value();
    if (range && !rangeless_pages().contains(context_.key.view(), ngx_time())) {
        next_ = static_cast<std::uint32_t>(range->first / manifest_.part_size);
        last_ = static_cast<std::uint32_t>(range->last / manifest_.part_size);
    }
}

LargeBuffers& LargeHit::buffers() const {
    return context_.conf().pool->large_buffers();
}

http::NotedPages& LargeHit::rangeless_pages() const {
    return context_.conf().pool->rangeless_pages();
}

LargeBuffers::Room LargeHit::take_memory(bool has_turn) {
    if (units_held_ != 0) {
        return LargeBuffers::Room::Granted;
    }
    const std::size_t limit = context_.conf().pool->options.large_buffers;
    const LargeBuffers::Room room = buffers().take(client_, unit_, limit, has_turn);
    units_held_ = room == LargeBuffers::Room::Granted ? 1 : 0;
    return room;
}

bool LargeHit::ask_for_first(net::Listener& listener, net::Result& result) {
    foresee_range();
    return ask_for(next_, listener, result);
}

bool LargeHit::peek_other(std::uint32_t n, net::Listener& listener, net::Result& result) {
    net::Client& client = context_.client();
    format::Key key;
    if (!keys_.make(next_ + 1 + n, key)) {
        return false;
    }
    const net::ServerIndex server = client.place(key.view()).server;
    if (!client.server(server).can_leave_values_out()) {
        result.outcome = net::Outcome::Found;
        result.flags = format::kPartFlags;
        return false;
    }
    return client.peek(server, key.view(), 0, listener, result);
}

bool LargeHit::take_first(const net::Result& result) {
    Part& part = slot(next_);
    part.number = next_;
    ++units_used_;
    accept(part, result);
    return part.state == Part::State::Ready;
}

void LargeHit::let_go() {
    for (Part& part : parts_) {
        part.~Part();
        new (&part) Part;
        part.owner = this;
    }
    if (nudge_.timer_set) {
        ngx_del_timer(&nudge_);
    }
    if (write_.posted) {
        ngx_delete_posted_event(&write_);
    }
    if (units_held_ != 0) {
        buffers().give_back(client_, units_held_ * unit_);
    }
    units_held_ = units_used_ = 0;
}

// ---- parts ------------------------------------------------------------------------------------

bool LargeHit::take_unit() {
    const std::size_t limit = context_.conf().pool->options.large_buffers;
    if (units_used_ == units_held_) {
        if (buffers().take(client_, unit_, limit) != LargeBuffers::Room::Granted) {
            return false;
        }
        ++units_held_;
    }
    ++units_used_;
    return true;
}

void LargeHit::free_part(Part& part) {
    part.value = BufferRef();
    part.state = Part::State::Free;
    --units_used_;
    if (units_held_ > std::max(units_used_, 1u)) {
        --units_held_;
        buffers().give_back(client_, unit_);
    }
}

// A client that has stalled is not read ahead for while others wait.
void LargeHit::spare() {
    constexpr ngx_msec_t kStalled = 500;
    if (ngx_current_msec - sent_at_ < kStalled || !is_in_hand()) {
        return;
    }
    for (Part& part : parts_) {
        if (part.state == Part::State::Ready) {
            free_part(part);
        }
    }
}

void LargeHit::accept(Part& part, const net::Result& result) {
    part.outcome = result.outcome;
    part.state = Part::State::Lost;
    if (result.outcome != net::Outcome::Found) {
        return;
    }
    const std::string_view payload =
        format::decode_part(result.value->view(), manifest_, part.number);
    if (result.flags != format::kPartFlags || payload.empty()) {
        part.outcome = net::Outcome::Garbage;
        return;
    }
    part.value = result.value;
    part.buf = ngx_buf_t{};
    part.buf.pos = part.buf.start = ngx::bytes(payload);
    part.buf.last = part.buf.end = part.buf.pos + payload.size();
    part.buf.memory = 1;  // other clients may be sent the same bytes
    part.buf.flush = 1;
    part.state = Part::State::Ready;
}

void LargeHit::arrived(Part& part, const net::Result& result) {
    accept(part, result);
    if (part.number == next_) {
        wake_writer();
    }
}

bool LargeHit::ask_for(std::uint32_t number, net::Listener& listener, net::Result& result) {
    net::Client& client = context_.client();
    format::Key key;
    return keys_.make(number, key) &&
           client.get_bulk(client.place(key.view()).server, key.view(), listener, result);
}

void LargeHit::ask_ahead() {
    for (std::uint32_t number = next_; number <= last_ && number - next_ < kWindow; ++number) {
        Part& part = slot(number);
        if (part.state != Part::State::Free) {
            if (part.number != number) {
                return;  // its place is still taken
            }
            continue;
        }
        if (!take_unit()) {
            return;
        }
        part.number = number;
        part.state = Part::State::Asked;
        net::Result result;
        if (!ask_for(number, part, result)) {
            accept(part, result);
        }
    }
}

// ---- the body ---------------------------------------------------------------------------------

// Of a page that is sent whole all parts have to be there, whatever range the client wants.
void LargeHit::note_range() {
    const ngx_http_request_t* r = context_.request();
    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {
        rangeless_pages().forget(context_.key.view());
    } else if (wants_range_ || ngx::takes_ranges_away(r, true)) {
        rangeless_pages().note(context_.key.view(), ngx_time());
    }
}

void LargeHit::begin_body() {
    ngx_http_request_t* r = context_.request();
    std::uint32_t first = 0;
    last_ = manifest_.count - 1;
    note_range();
    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT &&
        r->headers_out.content_range != nullptr) {
        const auto range = http::parse_content_range(ngx::view(r->headers_out.content_range->value),
                                                     manifest_.total);
        if (range) {
            first = static_cast<std::uint32_t>(range->first / manifest_.part_size);
            last_ = static_cast<std::uint32_t>(range->last / manifest_.part_size);
            gap_ = std::uint64_t{first} * manifest_.part_size;
        }
    }
    if (Part& part = slot(next_); first != next_ && part.state != Part::State::Free) {
        free_part(part);
    }
    next_ = first;
    sending_ = true;
    buffers().enter(reader_);
    r->buffered |= kBuffered;
    hold_back_end();
}

// Whoever made the subrequest is told of its end (Lua and njs then take the body) each time that
// nginx finalizes it, also where nginx only begins to wait until all has been sent.
void LargeHit::hold_back_end() {
    ngx_http_request_t* r = context_.request();
    if (r == r->main || r->post_subrequest == nullptr) {
        return;
    }
    held_back_ = r->post_subrequest;
    end_.handler = ngx::Guard<end_subrequest, NGX_ERROR>::call;
    end_.data = this;
    r->post_subrequest = &end_;
}

ngx_int_t LargeHit::end_subrequest(ngx_http_request_t* r, void* data, ngx_int_t rc) {
    const auto& hit = *static_cast<LargeHit*>(data);
    const bool failed = rc == NGX_ERROR || rc >= NGX_HTTP_SPECIAL_RESPONSE || r->connection->error;
    if (hit.sending_ && !failed) {
        return rc;
    }
    r->post_subrequest = hit.held_back_;
    return r->post_subrequest->handler(r, r->post_subrequest->data, rc);
}

// Whether the client has yet to take what was sent last.
bool LargeHit::is_in_hand() {
    bool in_hand = false;
    for (Part& part : parts_) {
        if (part.state == Part::State::InHand) {
            if (ngx_buf_size(&part.buf) == 0) {
                free_part(part);
            } else {
                in_hand = true;
            }
        }
    }
    return in_hand;
}

// nginx's range filter, which comes next, counts the bytes that pass by and drops those in front of
// the range: by their number alone, so that a buffer that says it lies in a file need not have one.
ngx_int_t LargeHit::skip_to_first(ngx_http_output_body_filter_pt next) {
    ngx_http_request_t* r = context_.request();
    auto* b = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (b == nullptr) {
        return NGX_ERROR;
    }
    b->in_file = 1;
    b->file_last = static_cast<off_t>(gap_);
    gap_ = 0;
    ngx_chain_t out{b, nullptr};
    return next(r, &out);
}

ngx_int_t LargeHit::send(Part& part, ngx_http_output_body_filter_pt next) {
    ngx_http_request_t* r = context_.request();
    if (part.number == manifest_.count - 1) {
        part.buf.flush = 0;
        part.buf.last_buf = r == r->main;
        part.buf.last_in_chain = 1;
    }
    part.state = Part::State::InHand;
    sent_at_ = ngx_current_msec;
    ngx_chain_t out{&part.buf, nullptr};
    return next(r, &out);
}

ngx_int_t LargeHit::break_off(const Part& part) {
    ngx_http_request_t* r = context_.request();
    const bool gone =
        part.outcome == net::Outcome::Missing || part.outcome == net::Outcome::Garbage;
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "mcache: part %ui of %ui of a large page %s; the response breaks off",
                  static_cast<ngx_uint_t>(part.number + 1),
                  static_cast<ngx_uint_t>(manifest_.count),
                  gone ? "is no longer in memcached" : "cannot be read from memcached");
    context_.reason = http::Reason::PartMissing;
    tally<metrics::Worker::LargePages>("broken");
    if (gone && context_.conf().store && context_.found.result.cas != 0) {
        context_.client().remove(context_.lease_of_page().at.server, context_.key_of_page(),
                                 {.cas = context_.found.result.cas,
                                  .life = context_.found.result.life,
                                  .stale_for = {}});
    }
    reset_if_unframed(r);
    return NGX_ERROR;
}

ngx_int_t LargeHit::push(ngx_http_output_body_filter_pt next) {
    ngx_http_request_t* r = context_.request();
    ngx_int_t rc = NGX_OK;
    if (gap_ != 0) {
        rc = skip_to_first(next);
    } else if (is_in_hand() || r->connection->buffered != 0 || r->postponed != nullptr ||
               (r->buffered & ~kBuffered) != 0) {
        rc = next(r, nullptr);
    }
    while (rc != NGX_ERROR && next_ <= last_) {
        const bool in_hand = is_in_hand();
        ask_ahead();
        Part& part = slot(next_);
        if (in_hand) {
            return NGX_AGAIN;
        }
        if (part.number == next_ && part.state == Part::State::Lost) {
            return break_off(part);
        }
        if (part.number != next_ || part.state != Part::State::Ready) {
            return NGX_AGAIN;
        }
        rc = send(part, next);
        ++next_;
    }
    if (rc != NGX_ERROR) {
        sending_ = false;
        tally<metrics::Worker::LargePages>("sent");
        r->buffered &= ~kBuffered;
        stop_send_timer(r);
    }
    return rc;
}

// As if the client could take more. nginx runs a subrequest that does not have the connection when
// its turn comes; one whose body is kept in memory (njs, SSI's set) or taken by another filter
// (Lua) has no turn.
void LargeHit::wake_writer() {
    ngx_http_request_t* r = context_.request();
    if (!sending_) {
        return;
    }
    ngx_event_t* writer = r->connection->data == r ? r->connection->write : &write_;
    if (!writer->posted) {
        ngx_post_event(writer, &ngx_posted_events);
    }
    if (context_.state() == State::StandingIn && !nudge_.timer_set) {
        // nginx's upstream code may still be at work, which knows nothing of us.
        constexpr ngx_msec_t kSoon = 20;
        ngx_add_timer(&nudge_, kSoon);
    }
}

void LargeHit::write_inactive(ngx_event_t* event) {
    ngx_http_request_t* r = static_cast<LargeHit*>(event->data)->context_.request();
    ngx_connection_t* c = r->connection;
    ngx_http_set_log_request(c->log, r);
    r->write_event_handler(r);
    ngx_http_run_posted_requests(c);
}

void LargeHit::nudge(ngx_event_t* event) {
    auto& hit = *static_cast<LargeHit*>(event->data);
    const Part& part = hit.slot(hit.next_);
    const bool arrived = part.state == Part::State::Ready || part.state == Part::State::Lost;
    if (arrived && part.number == hit.next_ && !hit.is_in_hand()) {
        hit.wake_writer();
    }
}

// ---- the journey's waits ----------------------------------------------------------------------

AwaitTurn::AwaitTurn(Context& context, LargeBuffers::Room refused) : AwaitResult(context) {
    const LargeBuffers::Client client = LargeBuffers::client_of(context.request());
    context.conf().pool->large_buffers().wait(client, refused, listener());
    pending_ = true;
}

GetFirstPart::GetFirstPart(Context& context) : AwaitResult(context) {
    pending_ = context.large->ask_for_first(listener(), result_);
}

PeekParts::PeekParts(Context& context) : AwaitResult(context) {
    // Of more than that the first ones have to stand for all.
    constexpr std::uint32_t kMostPeeks = 1024;
    const std::uint32_t others = std::min(context.large->others(), kMostPeeks);
    result_.outcome = worst_.outcome = net::Outcome::Found;
    peeks_ = std::make_unique<Peeked[]>(others);
    for (std::uint32_t n = 0; n < others; ++n) {
        net::Result result;
        peeks_[n].all = this;
        ++under_way_;
        if (!context.large->peek_other(n, peeks_[n], result)) {
            peeked(result);
        }
    }
    pending_ = under_way_ != 0;
    result_ = worst_;
}

void PeekParts::peeked(const net::Result& result) {
    if (worst_.outcome == net::Outcome::Found) {
        const bool odd =
            result.outcome == net::Outcome::Found && result.flags != format::kPartFlags;
        worst_.outcome = odd ? net::Outcome::Garbage : result.outcome;
    }
    --under_way_;
    if (under_way_ == 0 && pending_) {
        listener().answered(net::Result(worst_));
    }
}

bool lies_in_parts(const format::EntryView& page) {
    return page.section(format::kManifestSection).has_value();
}

bool sends_parts(const Context& context) {
    const ngx_http_request_t* r = context.request();
    return lies_in_parts(*context.found.page) && r->method != NGX_HTTP_HEAD && !r->header_only;
}

void drop_page(Context& context) {
    context.held.let_go();
    if (context.large != nullptr) {
        std::exchange(context.large, nullptr)->let_go();
    }
    context.found.page = Page{};
}

void forget_page(Context& context) {
    drop_page(context);
    context.found.result = net::Result{};
}

bool make_large(Context& context) {
    format::Manifest manifest;
    if (context.large != nullptr) {
        return true;
    }
    if (format::locate_body(*context.found.page, manifest) != format::Body::InParts) {
        return false;
    }
    context.large = ngx::pool_new<LargeHit>(context.request()->pool, context, manifest);
    return context.large != nullptr;
}

}  // namespace mcache::request
