#pragma once

// What a value of the entry format says, read and checked once for all the requests that it is
// sent to, and kept with the value's bytes. The header fields lie there as nginx has them, so that
// a hit copies them in one piece.

#include <cstddef>
#include <utility>

#include "base/buffer.h"
#include "format/envelope.h"
#include "ngx/api.h"

namespace mcache::request {

class StoredPage final : public BufferNote {
  public:
    // Of a value whose client flags say that it is an entry; it belongs to the value. Null when
    // there is no memory.
    static const StoredPage* of(Buffer& value);

    // Where it is not Ok, nothing else is meaningful.
    format::Decoded decoded() const { return decoded_; }
    const format::EntryView& view() const { return view_; }

    // Puts status and stored fields where nginx's filters look for them. False when there is no
    // memory.
    bool replay(ngx_http_request_t* r) const;

  private:
    // A field that nginx wants to be told of.
    struct Special {
        ngx_table_elt_t* ngx_http_headers_out_t::*place;  // null: Cache-Control, which may be many
        std::ptrdiff_t field;                             // its index
    };

    StoredPage() = default;
    ~StoredPage() = default;

    // Behind the object lie the fields, and then what is special among them, each with room for all
    // header records.
    static std::size_t memory_of(std::size_t headers) {
        return sizeof(StoredPage) + headers * (sizeof(ngx_table_elt_t) + sizeof(Special));
    }
    ngx_table_elt_t* fields() const {
        return reinterpret_cast<ngx_table_elt_t*>(const_cast<StoredPage*>(this) + 1);
    }
    Special* specials() const { return reinterpret_cast<Special*>(fields() + headers_); }
    void destroy() noexcept override;
    std::size_t memory() const noexcept override;

    void prepare();
    void prepare_content_type(std::string_view value);
    bool point_to(ngx_http_request_t* r, const Special& special, ngx_table_elt_t* field) const;

    format::EntryView view_;
    format::Decoded decoded_ = format::Decoded::Corrupt;
    bool has_last_modified_ = false;
    std::size_t headers_ = 0;  // that there is room for
    std::size_t field_count_ = 0;
    std::size_t special_count_ = 0;
    ngx_str_t content_type_{};
    std::size_t content_type_size_ = 0;  // without its parameters where one is the charset
    ngx_str_t charset_{};
};

// A page that is held to be served: its bytes and what they say, which come and go together.
class Page {
  public:
    Page() = default;
    // The body alone, without an envelope.
    static Page body(BufferRef value) { return Page(std::move(value), nullptr); }
    // `entry` is the value's own, and Ok.
    static Page entry(BufferRef value, const StoredPage& entry) {
        return Page(std::move(value), &entry);
    }

    explicit operator bool() const { return static_cast<bool>(value_); }
    bool is_entry() const { return entry_ != nullptr; }
    bool is_body() const { return value_ && entry_ == nullptr; }

    const BufferRef& value() const { return value_; }
    const StoredPage* stored() const { return entry_; }
    // What an entry says; of anything else it says nothing.
    const format::EntryView& operator*() const {
        static constexpr format::EntryView kNothing{};
        return entry_ == nullptr ? kNothing : entry_->view();
    }
    const format::EntryView* operator->() const { return &**this; }

  private:
    Page(BufferRef&& value, const StoredPage* entry) : value_(std::move(value)), entry_(entry) {}

    BufferRef value_;
    const StoredPage* entry_ = nullptr;
};

}  // namespace mcache::request
