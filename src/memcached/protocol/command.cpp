#include "memcached/protocol/command.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <limits>
#include <new>

#include "memcached/protocol/reply.h"

namespace mcache::memcached {
namespace {

// No line is longer: a key of 250 bytes, and at most eight tokens of a letter and 20 digits.
constexpr std::size_t kMaxCommandLine = 512;

// memcached keeps the size of a data block with its CRLF in an int.
constexpr std::size_t kMaxDataSize = std::numeric_limits<std::int32_t>::max() - 2;

constexpr std::int64_t kMaxRelativeTtl = 60 * 60 * 24 * 30;
constexpr std::int64_t kMaxAbsoluteTtl = std::numeric_limits<std::int32_t>::max();

// A command line written straight into the queue, which has it when finish() is called.
class Line {
  public:
    Line(OutQueue& queue, std::string_view verb, std::string_view key)
        : queue_(queue), begin_(queue.reserve(kMaxCommandLine)), at_(begin_) {
        text(verb);
        *at_++ = ' ';
        text(key);
    }

    // A flag of the meta protocol without its value ("v"), or with a mode ("ME").
    Line& flag(std::string_view letters) {
        *at_++ = ' ';
        text(letters);
        return *this;
    }

    Line& flag(char letter, std::uint64_t value) {
        *at_++ = ' ';
        *at_++ = letter;
        return digits(value);
    }

    Line& number(std::uint64_t value) {
        *at_++ = ' ';
        return digits(value);
    }

    void finish() {
        text(kCrlf);
        const auto size = static_cast<std::size_t>(at_ - begin_);
        assert(size <= kMaxCommandLine);
        queue_.commit(size);
    }

  private:
    void text(std::string_view bytes) {
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }

    Line& digits(std::uint64_t value) {
        at_ = std::to_chars(at_, begin_ + kMaxCommandLine, value).ptr;
        return *this;
    }

    OutQueue& queue_;
    char* begin_;
    char* at_;
};

std::optional<std::size_t> total_size(std::span<const BufferSlice> slices) {
    std::size_t total = 0;
    for (const BufferSlice& slice : slices) {
        if (slice.size > kMaxDataSize - total) {
            return std::nullopt;
        }
        total += slice.size;
    }
    return total;
}

std::optional<std::size_t> total_size(std::string_view data) {
    return data.size() <= kMaxDataSize ? std::optional(data.size()) : std::nullopt;
}

void append_data(OutQueue& queue, std::string_view data) {
    queue.append(data);
}

void append_data(OutQueue& queue, std::span<const BufferSlice> slices) {
    for (const BufferSlice& slice : slices) {
        queue.append(slice);
    }
}

void write_line(OutQueue& queue, std::string_view key, const MetaSet& command, std::size_t size) {
    Line line(queue, "ms", key);
    line.number(size).flag('O', command.opaque).flag('F', command.flags);
    if (command.ttl != 0) {
        line.flag('T', command.ttl);
    }
    if (command.cas) {
        line.flag('C', *command.cas);
    }
    if (command.invalidate) {
        line.flag("I");
    }
    switch (command.mode) {
        case SetMode::Set:
            break;
        case SetMode::Add:
            line.flag("ME");
            break;
        case SetMode::Append:
            line.flag("MA");
            break;
        case SetMode::Replace:
            line.flag("MR");
            break;
    }
    if (command.return_cas) {
        line.flag("c");
    }
    if (command.quiet) {
        line.flag("q");
    }
    line.finish();
}

void write_line(OutQueue& queue, std::string_view key, const ClassicSet& command,
                std::size_t size) {
    std::string_view verb = command.cas ? "cas" : "set";
    switch (command.mode) {
        case SetMode::Set:
            break;
        case SetMode::Add:
            verb = "add";
            break;
        case SetMode::Append:
            verb = "append";
            break;
        case SetMode::Replace:
            verb = "replace";
            break;
    }
    Line line(queue, verb, key);
    line.number(command.flags).number(command.ttl).number(size);
    if (command.mode == SetMode::Set && command.cas) {
        line.number(*command.cas);
    }
    line.finish();
}

// A line and the data block that it announces get into the queue both or not at all: a line alone
// would make memcached take the commands after it for data.
template <class Command, class Data>
bool compose_set(OutQueue& queue, std::string_view key, const Command& command, Data data) {
    const std::optional<std::size_t> size = total_size(data);
    if (!size || !is_legal_key(key)) {
        return false;
    }
    const std::size_t before = queue.size();
    try {
        write_line(queue, key, command, *size);
        append_data(queue, data);
        queue.append(kCrlf);
    } catch (const std::bad_alloc&) {
        queue.truncate(before);
        throw;
    }
    return true;
}

}  // namespace

std::uint32_t wire_ttl(std::int64_t seconds_from_now, std::int64_t now) {
    if (seconds_from_now <= kMaxRelativeTtl) {
        return static_cast<std::uint32_t>(std::max<std::int64_t>(seconds_from_now, 1));
    }
    if (now >= kMaxAbsoluteTtl || seconds_from_now >= kMaxAbsoluteTtl - now) {
        return static_cast<std::uint32_t>(kMaxAbsoluteTtl);
    }
    return static_cast<std::uint32_t>(now + seconds_from_now);
}

bool compose(OutQueue& queue, std::string_view key, const MetaGet& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line line(queue, "mg", key);
    // The flags are worked off in this order: what sets the TTL goes before t, which reports it,
    // and R, which looks at the old TTL, before T.
    if (command.vivify != 0) {
        line.flag('N', command.vivify);
    }
    if (command.recache != 0) {
        line.flag('R', command.recache);
    }
    if (command.touch != 0) {
        line.flag('T', command.touch);
    }
    line.flag("t f c").flag(command.value ? "v" : "s").flag('O', command.opaque);
    if (command.key) {
        line.flag("k");
    }
    if (command.no_bump) {
        line.flag("u");
    }
    if (command.quiet) {
        line.flag("q");
    }
    line.finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const MetaDelete& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line line(queue, "md", key);
    line.flag('O', command.opaque);
    if (command.cas) {
        line.flag('C', *command.cas);
    }
    if (command.invalidate) {
        line.flag("I");
        if (command.ttl != 0) {
            line.flag('T', command.ttl);
        }
    }
    if (command.quiet) {
        line.flag("q");
    }
    line.finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const MetaArithmetic& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line line(queue, "ma", key);
    line.flag('O', command.opaque).flag('D', command.delta);
    if (command.decrement) {
        line.flag("MD");
    }
    if (command.create) {
        line.flag('N', command.create_ttl).flag('J', command.initial);
    }
    if (command.ttl != 0) {
        line.flag('T', command.ttl);
    }
    if (command.cas) {
        line.flag('C', *command.cas);
    }
    if (command.value) {
        line.flag("v");
    }
    if (command.return_cas) {
        line.flag("c");
    }
    if (command.quiet) {
        line.flag("q");
    }
    line.finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const MetaSet& command, std::string_view data) {
    return compose_set(queue, key, command, data);
}

bool compose(OutQueue& queue, std::string_view key, const MetaSet& command,
             std::span<const BufferSlice> data) {
    return compose_set(queue, key, command, data);
}

void compose_noop(OutQueue& queue) {
    queue.append("mn\r\n");
}

bool compose(OutQueue& queue, std::string_view key, const ClassicGet& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line(queue, command.with_cas ? "gets" : "get", key).finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const ClassicDelete&) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line(queue, "delete", key).finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const ClassicIncr& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line(queue, "incr", key).number(command.delta).finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const ClassicTouch& command) {
    if (!is_legal_key(key)) {
        return false;
    }
    Line(queue, "touch", key).number(command.ttl).finish();
    return true;
}

bool compose(OutQueue& queue, std::string_view key, const ClassicSet& command,
             std::string_view data) {
    return compose_set(queue, key, command, data);
}

bool compose(OutQueue& queue, std::string_view key, const ClassicSet& command,
             std::span<const BufferSlice> data) {
    return compose_set(queue, key, command, data);
}

void compose_version(OutQueue& queue) {
    queue.append("version\r\n");
}

void compose_stats(OutQueue& queue) {
    queue.append("stats\r\n");
}

}  // namespace mcache::memcached
