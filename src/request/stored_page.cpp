#include "request/stored_page.h"

#include <algorithm>
#include <array>
#include <new>

#include "base/recycler.h"
#include "base/text.h"
#include "ngx/fields.h"
#include "ngx/text.h"

namespace mcache::request {

namespace {

using format::HeaderId;

// Where nginx wants a field to be found.
struct Place {
    bool is_special = false;
    ngx_table_elt_t* ngx_http_headers_out_t::*member = nullptr;
};

constexpr auto kPlaces = [] {
    using Headers = ngx_http_headers_out_t;
    std::array<Place, static_cast<std::size_t>(format::kLastHeaderId) + 1> places;
    const auto put = [&places](HeaderId id, ngx_table_elt_t* Headers::*member) {
        places[static_cast<std::size_t>(id)] = {true, member};
    };
    put(HeaderId::LastModified, &Headers::last_modified);
    put(HeaderId::ETag, &Headers::etag);
    put(HeaderId::Location, &Headers::location);
    put(HeaderId::CacheControl, nullptr);  // a list of its own
    put(HeaderId::Expires, &Headers::expires);
    put(HeaderId::Date, &Headers::date);
    put(HeaderId::Server, &Headers::server);
    put(HeaderId::ContentEncoding, &Headers::content_encoding);
    put(HeaderId::WwwAuthenticate, &Headers::www_authenticate);
    return places;
}();

// Cache-Control may come on several lines; nginx 1.23 made a list of what was an array.
bool note_cache_control(ngx_http_request_t* r, ngx_table_elt_t* field) {
#if nginx_version >= 1023000
    ngx_table_elt_t** last = &r->headers_out.cache_control;
    while (*last != nullptr) {
        last = &(*last)->next;
    }
    *last = field;
    field->next = nullptr;
    return true;
#else
    ngx_array_t& lines = r->headers_out.cache_control;
    if (lines.elts == nullptr &&
        ngx_array_init(&lines, r->pool, 1, sizeof(ngx_table_elt_t*)) != NGX_OK) {
        return false;
    }
    auto** line = static_cast<ngx_table_elt_t**>(ngx_array_push(&lines));
    if (line == nullptr) {
        return false;
    }
    *line = field;
    return true;
#endif
}

}  // namespace

const StoredPage* StoredPage::of(Buffer& value) {
    if (value.note() != nullptr) {
        return static_cast<const StoredPage*>(value.note());
    }
    format::EntryView view;
    const format::Decoded decoded = format::decode(value.view(), view);
    const std::size_t headers = decoded == format::Decoded::Ok ? view.header_count() : 0;
    void* memory = take_memory(memory_of(headers));
    if (memory == nullptr) {
        return nullptr;
    }
    auto* page = new (memory) StoredPage;
    page->decoded_ = decoded;
    page->view_ = view;
    page->headers_ = headers;
    if (headers != 0) {
        page->prepare();
    }
    value.set_note(page);
    return page;
}

void StoredPage::destroy() noexcept {
    const std::size_t size = memory_of(headers_);
    this->~StoredPage();
    give_memory(this, size);
}

// As nginx does with the Content-Type of a proxied response: the type itself is what gzip_types and
// the like compare, the charset what the charset filter looks at.
void StoredPage::prepare_content_type(std::string_view value) {
    content_type_ = ngx::str(value);
    content_type_size_ = value.size();
    charset_ = ngx_str_t{};
    for (std::size_t semicolon = value.find(';'); semicolon != std::string_view::npos;
         semicolon = value.find(';', semicolon + 1)) {
        std::string_view parameter = trim_ows(value.substr(semicolon + 1));
        constexpr std::string_view kCharset = "charset=";
        if (parameter.starts_with(kCharset) ||
            iequals(parameter.substr(0, kCharset.size()), kCharset)) {
            parameter.remove_prefix(kCharset.size());
            if (parameter.starts_with('"')) {
                parameter.remove_prefix(1);
            }
            if (parameter.ends_with('"')) {
                parameter.remove_suffix(1);
            }
            content_type_size_ = semicolon;
            charset_ = ngx::str(parameter);
            return;
        }
    }
}

std::size_t StoredPage::memory() const noexcept {
    return taken_memory(memory_of(headers_));
}

void StoredPage::prepare() {
    ngx_table_elt_t* field = fields();
    Special* special = specials();
    view_.for_each_header([&](const format::EntryHeader& header) {
        if (header.id == HeaderId::ContentType) {
            prepare_content_type(header.value);
            return;
        }
        const Place& place = kPlaces[static_cast<std::size_t>(header.id)];
        if (place.is_special) {
            new (special++) Special{place.member, field - fields()};
        }
        new (field) ngx_table_elt_t{};
        field->hash = 1;
        field->key = ngx::str(header.name);
        field->value = ngx::str(header.value);
        ++field;
    });
    field_count_ = static_cast<std::size_t>(field - fields());
    special_count_ = static_cast<std::size_t>(special - specials());
    has_last_modified_ = std::any_of(specials(), special, [](const Special& each) {
        return each.place == &ngx_http_headers_out_t::last_modified;
    });
}

bool StoredPage::point_to(ngx_http_request_t* r, const Special& special,
                          ngx_table_elt_t* field) const {
    if (special.place == nullptr) {
        return note_cache_control(r, field);
    }
    r->headers_out.*special.place = field;
    return true;
}

// Filters change fields, so each response has its own.
bool StoredPage::replay(ngx_http_request_t* r) const {
    r->headers_out.status = view_.status;
#if (NGX_HTTP_GZIP)
    if ((view_.attributes & format::kPickedByEncoding) != 0) {
        r->gzip_vary = 1;
    }
#endif
    if (content_type_.data != nullptr) {
        r->headers_out.content_type = content_type_;
        r->headers_out.content_type_len = content_type_size_;
        r->headers_out.content_type_lowcase = nullptr;
        if (charset_.data != nullptr) {
            r->headers_out.charset = charset_;
        }
    }
    if (has_last_modified_) {
        r->headers_out.last_modified_time = view_.last_modified;
    }
    const Special* special = specials();
    const Special* const end = special + special_count_;
    bool pointed = true;
    ngx_list_part_t& last = *r->headers_out.headers.last;
    if (r->headers_out.headers.nalloc - last.nelts >= field_count_) {
        ngx_table_elt_t* copies = static_cast<ngx_table_elt_t*>(last.elts) + last.nelts;
        ngx_memcpy(copies, fields(), field_count_ * sizeof(ngx_table_elt_t));
        last.nelts += field_count_;
        for (; special != end; ++special) {
            pointed = point_to(r, *special, copies + special->field) && pointed;
        }
        return pointed;
    }
    for (std::size_t i = 0; i < field_count_; ++i) {
        auto* copy = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
        if (copy == nullptr) {
            return false;
        }
        *copy = fields()[i];
        if (special != end && special->field == static_cast<std::ptrdiff_t>(i)) {
            pointed = point_to(r, *special++, copy) && pointed;
        }
    }
    return pointed;
}

}  // namespace mcache::request
