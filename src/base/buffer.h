#pragma once

// The one buffer of the hot path: an exact-size block of bytes with an intrusive, non-atomic
// reference count (a worker is one thread). A value received from memcached lives in one Buffer,
// and every client that it is sent to holds a reference to it instead of a copy.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "base/memory_file.h"
#include "base/recycler.h"

namespace mcache {

// A value derived from the bytes of a Buffer. It has the lifetime of the Buffer.
class BufferNote {
  public:
    BufferNote() = default;
    BufferNote(const BufferNote&) = delete;
    BufferNote& operator=(const BufferNote&) = delete;

    virtual void destroy() noexcept = 0;              // also frees its memory
    virtual std::size_t memory() const noexcept = 0;  // its size in bytes

  protected:
    ~BufferNote() = default;
};

class Buffer {
  public:
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    char* data() { return reinterpret_cast<char*>(this + 1); }
    const char* data() const { return reinterpret_cast<const char*>(this + 1); }
    std::size_t size() const { return size_; }
    std::string_view view() const { return {data(), size_}; }
    // The memory file that contains it, from offset_in_file() on; -1: none.
    int fd() const { return fd_; }
    std::int64_t offset_in_file() const {
        return static_cast<std::int64_t>(before() + sizeof(Buffer));
    }
    // Its size in bytes, including its note.
    std::size_t memory() const {
        return taken_memory(sizeof(Buffer) + size_) + (note_ == nullptr ? 0 : note_->memory());
    }

    // Null until set, once; the bytes must not change from then on. The buffer owns it.
    const BufferNote* note() const { return note_; }
    void set_note(BufferNote* note) { note_ = note; }

    // Its destroy() is called, once, when the bytes are freed.
    bool is_watched() const { return watcher_ != nullptr; }
    void watch(BufferNote* watcher) { watcher_ = watcher; }

  private:
    friend class BufferRef;
    explicit Buffer(std::size_t size) : size_(size) {}
    // Bytes before it in its file: less than a page.
    std::size_t before() const { return reinterpret_cast<std::uintptr_t>(this) % kMemoryPage; }
    ~Buffer() {
        if (watcher_ != nullptr) {
            watcher_->destroy();
        }
        if (note_ != nullptr) {
            note_->destroy();
        }
    }

    std::size_t size_;
    BufferNote* note_ = nullptr;
    BufferNote* watcher_ = nullptr;
    std::uint32_t references_ = 1;
    int fd_ = -1;
};

// Shared ownership of a Buffer. Copying costs one increment.
class BufferRef {
  public:
    BufferRef() = default;
    BufferRef(const BufferRef& other) : buffer_(other.buffer_) {
        if (buffer_ != nullptr) {
            ++buffer_->references_;
        }
    }
    BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
    BufferRef& operator=(BufferRef other) noexcept {
        std::swap(buffer_, other.buffer_);
        return *this;
    }
    ~BufferRef() {
        if (buffer_ != nullptr && --buffer_->references_ == 0) {
            const std::size_t size = sizeof(Buffer) + buffer_->size_;
            const int fd = buffer_->fd_;
            const std::size_t before = buffer_->before();
            buffer_->~Buffer();
            if (fd == -1) {
                give_memory(buffer_, size);
            } else {
                end_memory_file({reinterpret_cast<char*>(buffer_) - before, fd}, before + size);
            }
        }
    }

    // `size` uninitialised bytes; an empty reference if there is no memory.
    static BufferRef allocate(std::size_t size) {
        BufferRef ref;
        if (size <= SIZE_MAX - sizeof(Buffer)) {
            if (void* memory = take_memory(sizeof(Buffer) + size)) {
                ref.buffer_ = new (memory) Buffer(size);
            }
        }
        return ref;
    }

    static BufferRef share(Buffer& buffer) {
        BufferRef ref;
        ref.buffer_ = &buffer;
        ++buffer.references_;
        return ref;
    }

    // A copy of the bytes; an empty reference if there is no memory.
    static BufferRef copy(const Buffer& buffer) {
        BufferRef ref = allocate(buffer.size_);
        if (ref) {
            std::memcpy(ref->data(), buffer.data(), buffer.size_);
        }
        return ref;
    }

    // A copy in a memory file; an empty reference if none is available. The bytes from `sent` on
    // will be sent. They start within a few bytes of a page of the file, because an unaligned
    // sendfile() costs 50 % more.
    static BufferRef copy_into_file(const Buffer& buffer, std::size_t sent) {
        BufferRef ref;
        const std::size_t short_of = kMemoryPage - (sizeof(Buffer) + sent) % kMemoryPage;
        const std::size_t before =
            (short_of + alignof(Buffer) - 1) / alignof(Buffer) * alignof(Buffer) % kMemoryPage;
        const MemoryFile file = make_memory_file(before + sizeof(Buffer) + buffer.size_);
        if (file.memory != nullptr) {
            ref.buffer_ = new (static_cast<char*>(file.memory) + before) Buffer(buffer.size_);
            ref.buffer_->fd_ = file.fd;
            std::memcpy(ref.buffer_->data(), buffer.data(), buffer.size_);
        }
        return ref;
    }

    explicit operator bool() const { return buffer_ != nullptr; }
    Buffer& operator*() const { return *buffer_; }
    Buffer* operator->() const { return buffer_; }

  private:
    Buffer* buffer_ = nullptr;
};

}  // namespace mcache
