#include "format/purge_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/integer.h"
#include "format/item_flags.h"
#include "format/tags.h"

namespace mcache::format {
namespace {

constexpr std::string_view kMagic = "mcache-purges ";
constexpr std::size_t kEpochDigits = 16;
// Positions stay far from where adding to them would wrap.
constexpr std::uint64_t kMaxPosition = std::uint64_t{1} << 62;

constexpr std::string_view kSoft = "soft-";
constexpr std::string_view kTag = "tag ";
constexpr std::string_view kUnder = "under ";
constexpr std::string_view kLost = "lost ";

// The clock's 52 bits last until the year 2112.
constexpr int kRandomBits = 12;
constexpr std::uint64_t kRandomMask = (std::uint64_t{1} << kRandomBits) - 1;
// More than next_purge_epoch() goes beyond what was lost.
constexpr std::uint64_t kLostStep = 2 * (kRandomMask + 1);

struct FirstLine {
    std::uint64_t epoch = 0;
    std::uint64_t base = 0;
    std::size_t size = 0;
};

std::optional<std::uint64_t> parse_epoch(std::string_view digits) {
    const bool legal = std::all_of(digits.begin(), digits.end(),
                                   [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    std::uint64_t epoch = 0;
    if (!legal || digits.size() != kEpochDigits) {
        return std::nullopt;
    }
    std::from_chars(digits.data(), digits.data() + digits.size(), epoch, 16);
    return epoch == 0 ? std::nullopt : std::optional(epoch);
}

std::optional<FirstLine> parse_first_line(std::string_view text) {
    constexpr std::size_t kBaseAt = kMagic.size() + kEpochDigits + 1;
    const std::size_t end = text.find('\n');
    if (!text.starts_with(kMagic) || end == std::string_view::npos || end < kBaseAt ||
        text[kBaseAt - 1] != ' ') {
        return std::nullopt;
    }
    const auto epoch = parse_epoch(text.substr(kMagic.size(), kEpochDigits));
    const auto base = parse_decimal<std::uint64_t>(text.substr(kBaseAt, end - kBaseAt));
    if (!epoch || !base || *base > kMaxPosition) {
        return std::nullopt;
    }
    return FirstLine{*epoch, *base, end + 1};
}

std::string epoch_text(std::uint64_t epoch) {
    std::array<char, kEpochDigits> hex;
    char* const end = std::to_chars(hex.data(), hex.data() + hex.size(), epoch, 16).ptr;
    const auto digits = static_cast<std::size_t>(end - hex.data());
    return std::string(kEpochDigits - digits, '0').append(hex.data(), digits);
}

std::string first_line(std::uint64_t epoch, std::uint64_t base) {
    return std::string(kMagic) + epoch_text(epoch) + ' ' + std::to_string(base) + '\n';
}

// What of a key can be said in a line.
bool fits_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

void append_line(std::string& lines, bool soft, std::string_view kind, std::string_view text) {
    lines += soft ? kSoft : std::string_view();
    lines += kind;
    lines += text;
    lines += '\n';
}

}  // namespace

Parse PurgeLog::read(std::string_view text) {
    const auto first = parse_first_line(text);
    if (!first || text.back() != '\n' || text.size() > kMaxPosition) {
        *this = PurgeLog{};
        return Parse::Invalid;
    }
    const std::string_view lines = text.substr(first->size);
    const std::uint64_t end = first->base + lines.size();
    if (first->epoch != end_.epoch || first->base != base_ || end < end_.position) {
        *this = PurgeLog{};
        base_ = first->base;
        end_ = {first->epoch, first->base};
    }
    std::string_view rest = lines.substr(end_.position - base_);
    while (!rest.empty()) {
        const std::size_t size = rest.find('\n') + 1;
        take_line(rest.substr(0, size - 1), end_.position);
        end_.position += size;
        rest.remove_prefix(size);
    }
    return Parse::Ok;
}

void PurgeLog::take_line(std::string_view line, std::uint64_t position) {
    const bool soft = line.starts_with(kSoft);
    line.remove_prefix(soft ? kSoft.size() : 0);
    const auto note = [&](Reach& reach) { (soft ? reach.soft : reach.hard) = position + 1; };

    if (line.starts_with(kTag) && is_tag(line.substr(kTag.size()))) {
        note(tags_[std::string(line.substr(kTag.size()))]);
    } else if (line == kUnder) {
        note(all_);
    } else if (line.starts_with(kUnder) && fits_line(line)) {
        note(prefixes_[std::string(line.substr(kUnder.size()))]);
    } else if (soft || !take_lost(line)) {
        all_.hard = position + 1;
    }
}

bool PurgeLog::take_lost(std::string_view line) {
    const std::size_t space = line.rfind(' ');
    if (!line.starts_with(kLost) || space < kLost.size() || space == std::string_view::npos) {
        return false;
    }
    const std::string_view server = line.substr(kLost.size(), space - kLost.size());
    const auto epoch = parse_epoch(line.substr(space + 1));
    if (server.empty() || !fits_line(server) || !epoch || *epoch > kLastEpoch) {
        return false;
    }
    std::uint64_t& until = lost_[std::string(server)];
    until = std::max(*epoch, until == 0 ? 0 : until + kLostStep);
    return true;
}

std::uint64_t PurgeLog::lost_until(std::string_view server) const {
    if (lost_.empty()) {
        return 0;
    }
    const auto found = lost_.find(server);
    return found == lost_.end() ? 0 : found->second;
}

void PurgeLog::append_lost_beyond(const PurgeLog& other, std::string& lines) const {
    for (const auto& [server, until] : lost_) {
        if (other.lost_until(server) < until) {
            append_lost(lines, server, std::min(until, kLastEpoch));
        }
    }
}

Standing PurgeLog::judge(const Stamp& stamp, std::string_view key, std::string_view tags) const {
    // A stamp from behind the end is of a log that was lost since.
    if (stamp.epoch == 0 || stamp.epoch != end_.epoch || stamp.position < base_ ||
        stamp.position > end_.position) {
        return Standing::Gone;
    }
    if (stamp.position == end_.position) {
        return Standing::Stands;
    }
    bool hard = stamp.position < all_.hard;
    bool soft = stamp.position < all_.soft;
    const auto count = [&](const Reach& reach) {
        hard = hard || stamp.position < reach.hard;
        soft = soft || stamp.position < reach.soft;
    };
    for_each_tag(tags, [&](std::string_view tag) {
        if (const auto found = tags_.find(tag); found != tags_.end()) {
            count(found->second);
        }
    });
    for (const auto& [prefix, reach] : prefixes_) {
        if (!hard && key.starts_with(prefix)) {
            count(reach);
        }
    }
    return hard ? Standing::Gone : soft ? Standing::Stale : Standing::Stands;
}

std::string fresh_purge_log(std::uint64_t epoch) {
    return first_line(epoch, 0);
}

std::uint32_t purge_log_flags(std::uint64_t epoch) {
    constexpr std::uint32_t kNoPage = 0x0100;
    auto upper = static_cast<std::uint32_t>(epoch & 0xFFFF);
    upper ^= upper == kEntryFlags >> 16 ? 1 : 0;
    return upper << 16 | kNoPage;
}

std::uint64_t make_purge_epoch(std::uint64_t microseconds, std::uint64_t random) {
    return std::max<std::uint64_t>(microseconds << kRandomBits | (random & kRandomMask), 1);
}

std::uint64_t next_purge_epoch(std::uint64_t microseconds, std::uint64_t random,
                               std::uint64_t lost) {
    return std::max(make_purge_epoch(microseconds, random), lost + 1 + (random & kRandomMask));
}

std::uint64_t purge_epoch_time(std::uint64_t epoch) {
    return epoch >> kRandomBits;
}

std::string compacted_purge_log(std::string_view text) {
    const auto first = parse_first_line(text);
    if (!first) {
        return std::string(text);
    }
    std::string_view lines = text.substr(first->size);
    // read() saw that the last line has an end. Without a line nothing is dropped: npos + 1 is 0.
    const std::size_t dropped = lines.find('\n', lines.size() / 2) + 1;
    lines.remove_prefix(dropped);
    std::string out = first_line(first->epoch, first->base + dropped);
    out += lines;
    PurgeLog whole;
    PurgeLog kept;
    (void)whole.read(text);
    (void)kept.read(out);
    whole.append_lost_beyond(kept, out);
    return out;
}

bool append_tag_purge(std::string& lines, std::string_view tag, bool soft) {
    if (!is_tag(tag)) {
        return false;
    }
    append_line(lines, soft, kTag, tag);
    return true;
}

bool append_prefix_purge(std::string& lines, std::string_view prefix, bool soft) {
    if (!fits_line(prefix)) {
        return false;
    }
    append_line(lines, soft, kUnder, prefix);
    return true;
}

bool append_lost(std::string& lines, std::string_view server, std::uint64_t epoch) {
    if (server.empty() || !fits_line(server)) {
        return false;
    }
    lines += std::string(kLost) + std::string(server) + ' ' + epoch_text(epoch) + '\n';
    return true;
}

}  // namespace mcache::format
