#pragma once

// A page whose body lies in parts (format/manifest.h), on its way from memcached to the client: a
// few parts at a time, at the client's pace. nginx's writer drives it as it drives any filter that
// has more to send (r->buffered): the body filter calls push() whenever the client has taken
// something, and a part that arrives wakes the writer.
//
// It lies in the request's pool. When it goes, all of its gets go.

#include <array>
#include <cstdint>
#include <memory>

#include "format/manifest.h"
#include "http/noted_pages.h"
#include "memcached/client/client.h"
#include "ngx/api.h"
#include "pool/large_buffers.h"
#include "request/await.h"

namespace mcache::request {

class Context;

class LargeHit {
  public:
    LargeHit(Context& context, const format::Manifest& manifest);
    ~LargeHit();
    LargeHit(const LargeHit&) = delete;
    LargeHit& operator=(const LargeHit&) = delete;

    std::uint64_t size() const { return manifest_.total; }

    // ---- before the header is sent

    // Takes the memory that it needs to be sent.
    LargeBuffers::Room take_memory(bool has_turn);
    // Asks for the part that the client gets first. True: `listener` will be called.
    bool ask_for_first(net::Listener& listener, net::Result& result);
    // The parts that the client is likely to get behind the first one.
    std::uint32_t others() const { return last_ - next_; }
    // Asks for the n-th of them without its value. As ask_for_first(); Found also where the server
    // could not leave the value out.
    bool peek_other(std::uint32_t n, net::Listener& listener, net::Result& result);
    // That part; false when it is not what the manifest says.
    bool take_first(const net::Result& result);
    // It will not be sent.
    void let_go();

    // ---- when it is sent

    // The header was sent: the body is from now on sent by push().
    void begin_body();
    bool sending() const { return sending_; }
    // Sends what there is, through the body filter `next`. NGX_AGAIN: the client, or memcached,
    // first has to do something. NGX_ERROR: the connection is to end.
    ngx_int_t push(ngx_http_output_body_filter_pt next);

  private:
    static constexpr std::uint32_t kWindow = 4;  // parts in memory, at most

    class Part final : public net::Listener {
      public:
        enum class State : std::uint8_t {
            Free,
            Asked,
            Ready,
            Lost,    // missing, odd, or not to be had
            InHand,  // of the filters, until the client has it
        };
        void answered(const net::Result& result) override { owner->arrived(*this, result); }

        LargeHit* owner = nullptr;
        State state = State::Free;
        std::uint32_t number = 0;
        net::Outcome outcome = net::Outcome::Found;  // Lost: why
        BufferRef value;
        ngx_buf_t buf{};
    };

    // Called when others wait for memory.
    class Reader final : public net::Listener {
      public:
        void answered(const net::Result&) override { owner->spare(); }

        LargeHit* owner = nullptr;
    };

    Part& slot(std::uint32_t number) { return parts_[number % kWindow]; }
    void foresee_range();
    bool take_unit();
    void free_part(Part& part);
    void spare();
    void accept(Part& part, const net::Result& result);
    void arrived(Part& part, const net::Result& result);
    bool ask_for(std::uint32_t number, net::Listener& listener, net::Result& result);
    void ask_ahead();
    bool is_in_hand();
    ngx_int_t send(Part& part, ngx_http_output_body_filter_pt next);
    ngx_int_t skip_to_first(ngx_http_output_body_filter_pt next);
    ngx_int_t break_off(const Part& part);
    void wake_writer();
    static void nudge(ngx_event_t* event);
    void hold_back_end();
    static ngx_int_t end_subrequest(ngx_http_request_t* r, void* data, ngx_int_t rc);
    static void write_inactive(ngx_event_t* event);

    void note_range();

    LargeBuffers& buffers() const;
    http::NotedPages& rangeless_pages() const;

    Context& context_;
    const LargeBuffers::Client client_;
    const format::Manifest manifest_;
    const format::PartKeys keys_;
    const std::size_t unit_;  // of memory: a part
    std::array<Part, kWindow> parts_;
    std::uint32_t next_ = 0;  // that is to be sent next
    std::uint32_t last_ = 0;  // that is to be sent at all
    std::uint64_t gap_ = 0;   // bytes in front of the first part, which the client does not want
    unsigned units_held_ = 0;
    unsigned units_used_ = 0;
    bool wants_range_ = false;  // of the client: one that nginx's range filter would cut out
    bool sending_ = false;
    ngx_msec_t sent_at_ = 0;  // the last part, to the filters
    Reader reader_;
    ngx_event_t nudge_{};
    ngx_event_t write_{};  // of a subrequest that does not have the connection
    ngx_http_post_subrequest_t end_{};
    ngx_http_post_subrequest_t* held_back_ = nullptr;
};

// Room for one more large body, after it was refused: try again.
class AwaitTurn final : public AwaitResult {
  public:
    AwaitTurn(Context& context, LargeBuffers::Room refused);
};

class GetFirstPart final : public AwaitResult {
  public:
    explicit GetFirstPart(Context& context);
};

// Whether the other parts that the client is to get are there: Found, or what became of one that
// is not. Only the server of the classic protocol is not asked, which would send them.
class PeekParts final : public AwaitResult {
  public:
    explicit PeekParts(Context& context);

  private:
    class Peeked final : public net::Listener {
      public:
        void answered(const net::Result& result) override { all->peeked(result); }

        PeekParts* all = nullptr;
    };
    void peeked(const net::Result& result);

    std::unique_ptr<Peeked[]> peeks_;
    std::size_t under_way_ = 0;
    net::Result worst_;
};

// Whether the body of a decoded entry, whose manifest was found good, lies in parts.
bool lies_in_parts(const format::EntryView& page);
// Whether the context's page does, and the request is to be sent its body.
bool sends_parts(const Context& context);
// The page that was found is not to be used any more.
void drop_page(Context& context);
// Nor is what memcached said of it.
void forget_page(Context& context);
// Makes context.large where the page lies in parts. False when there is no memory.
bool make_large(Context& context);

}  // namespace mcache::request
