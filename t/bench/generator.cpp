// The load of scripts/bench: keeps a number of connections busy, one request at a time on each, and
// compares every byte of every body with what the key demands.
//
//     generator PORT CONNECTIONS PATTERN SIZE_KB ENTRIES SECONDS SEED FIRST
//
// PATTERN   fixed: one key whose body bears the stamp of key 0, as a server with one page has it
//           hot: key 0;  random: one of ENTRIES keys;  each: every key of ENTRIES once
//           miss: a key never asked for, counted from FIRST;  mix: nine times random, once miss
//
// A page of n KB consists of n blocks of 1,024 bytes, and each begins with the 16 bytes of its
// path.
//
// It connects, says "ready", waits for a line on stdin, runs for SECONDS, lets every answer come
// in, says in one line "requests microseconds p50 p99 next", waits for another line, and leaves.
// Times of latency are microseconds; next is the first key that miss did not use. Anything that is
// not the page is a line on stderr and exit status 1.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlock = 1024;
constexpr std::size_t kPath = 16;  // "/001k/0123456789"
constexpr std::size_t kMaxHead = 4096;
constexpr std::size_t kReceive = 256 * 1024;

[[noreturn]] void die(const std::string& text) {
    std::fprintf(stderr, "generator: %s\n", text.c_str());
    std::exit(1);
}

[[noreturn]] void die_of_errno(const char* what) {
    die(std::string(what) + ": " + std::strerror(errno));
}

enum class Pattern { Fixed, Hot, Random, Each, Miss, Mix };

Pattern parse_pattern(std::string_view name) {
    constexpr std::array<std::string_view, 6> kNames = {"fixed", "hot",  "random",
                                                        "each",  "miss", "mix"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) {
        die("no such pattern: " + std::string(name));
    }
    return static_cast<Pattern>(found - kNames.begin());
}

std::uint64_t parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        die("not a number: " + std::string(text));
    }
    return number;
}

// Which key comes next.
class Keys {
  public:
    Keys(Pattern pattern, std::uint64_t entries, std::uint64_t seed, std::uint64_t first)
        : pattern_(pattern),
          entries_(entries),
          state_(seed * 2654435761u + 88172645463325252u),
          next_(pattern == Pattern::Each ? 0 : first) {}

    std::uint64_t next() {
        switch (pattern_) {
            case Pattern::Fixed:
            case Pattern::Hot:
                return 0;
            case Pattern::Each:
            case Pattern::Miss:
                return next_++;
            case Pattern::Mix:
                return random() % 10 == 0 ? next_++ : random() % entries_;
            case Pattern::Random:
                break;
        }
        return random() % entries_;
    }

    bool exhausted() const { return pattern_ == Pattern::Each && next_ >= entries_; }
    std::uint64_t unused() const { return next_; }

  private:
    std::uint64_t random() {  // xorshift64
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ >> 11;
    }

    Pattern pattern_;
    std::uint64_t entries_;
    std::uint64_t state_;
    std::uint64_t next_;
};

void write_path(char* out, std::size_t size_kb, std::uint64_t key) {
    std::array<char, kPath + 1> path;
    std::snprintf(path.data(), path.size(), "/%03zuk/%010llu", size_kb,
                  static_cast<unsigned long long>(key));
    std::memcpy(out, path.data(), kPath);
}

class Client {
  public:
    void connect(std::uint16_t port) {
        fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd_ == -1 ||
            ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            die_of_errno("connect");
        }
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }

    int fd() const { return fd_; }
    Clock::time_point sent_at() const { return sent_at_; }

    void ask(std::size_t size_kb, std::uint64_t key, bool fixed) {
        constexpr std::string_view kRest =
            " HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: generator\r\nAccept: */*\r\n\r\n";
        std::array<char, 4 + kPath + kRest.size()> request;
        std::memcpy(request.data(), "GET ", 4);
        write_path(request.data() + 4, size_kb, key);
        std::memcpy(request.data() + 4 + kPath, kRest.data(), kRest.size());
        write_path(stamp_.data(), size_kb, fixed ? 0 : key);
        wanted_ = size_kb * kBlock;
        got_ = 0;
        head_size_ = 0;
        in_body_ = false;
        sent_at_ = Clock::now();
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
            die_of_errno("send");
        }
    }

    // Whether the answer is complete.
    bool take(std::string_view bytes, std::string_view filler) {
        if (!in_body_) {
            bytes.remove_prefix(take_head(bytes));
        }
        if (bytes.size() > wanted_ - got_) {
            die("more bytes than the page has");
        }
        while (!bytes.empty()) {
            const std::size_t at = got_ % kBlock;
            const std::string_view expected = at < kPath
                                                  ? std::string_view(stamp_.data() + at, kPath - at)
                                                  : filler.substr(at - kPath);
            const std::size_t size = std::min(expected.size(), bytes.size());
            if (std::memcmp(bytes.data(), expected.data(), size) != 0) {
                die("the body of " + std::string(stamp_.data(), kPath) + " differs at byte " +
                    std::to_string(got_) + ": " + std::string(bytes.substr(0, 40)));
            }
            got_ += size;
            bytes.remove_prefix(size);
        }
        return in_body_ && got_ == wanted_;
    }

  private:
    // How many of the bytes belong to the head.
    std::size_t take_head(std::string_view bytes) {
        const std::size_t before = head_size_;
        const std::size_t size = std::min(bytes.size(), head_.size() - before);
        std::memcpy(head_.data() + before, bytes.data(), size);
        head_size_ += size;
        const std::string_view head(head_.data(), head_size_);
        const std::size_t end = head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
        if (end == std::string_view::npos) {
            if (head_size_ == head_.size()) {
                die("a head without end");
            }
            return size;
        }
        check_head(head.substr(0, end + 2));
        in_body_ = true;
        return end + 4 - before;
    }

    void check_head(std::string_view head) const {
        constexpr std::string_view kLength = "\r\nContent-Length: ";
        const std::size_t length = head.find(kLength);
        if (!head.starts_with("HTTP/1.1 200 ") || length == std::string_view::npos ||
            !head.substr(length + kLength.size()).starts_with(std::to_string(wanted_) + "\r\n")) {
            die("not the answer for " + std::string(stamp_.data(), kPath) + ":\n" +
                std::string(head));
        }
    }

    int fd_ = -1;
    Clock::time_point sent_at_;
    std::array<char, kPath> stamp_;
    std::size_t wanted_ = 0;
    std::size_t got_ = 0;
    std::size_t head_size_ = 0;
    bool in_body_ = false;
    std::array<char, kMaxHead> head_;
};

void wait_for_line() {
    while (true) {
        const int c = std::getchar();
        if (c == EOF) {
            std::exit(1);
        }
        if (c == '\n') {
            return;
        }
    }
}

std::uint32_t percentile(std::vector<std::uint32_t>& latencies, double part) {
    if (latencies.empty()) {
        return 0;
    }
    const auto at = static_cast<std::ptrdiff_t>(static_cast<double>(latencies.size() - 1) * part);
    std::nth_element(latencies.begin(), latencies.begin() + at, latencies.end());
    return latencies[static_cast<std::size_t>(at)];
}

struct Work {
    Pattern pattern;
    std::size_t size_kb;
    std::chrono::microseconds duration;
};

// Returns the latencies of all requests, in microseconds.
std::vector<std::uint32_t> run(std::vector<Client>& clients, int poll, const Work& work,
                               Keys& keys) {
    const std::string filler(kBlock - kPath, 'x');
    const bool fixed = work.pattern == Pattern::Fixed;
    std::vector<char> buffer(kReceive);
    std::vector<epoll_event> events(1024);
    std::vector<std::uint32_t> latencies;
    latencies.reserve(1 << 20);
    const Clock::time_point end = Clock::now() + work.duration;
    std::size_t busy = 0;
    for (Client& client : clients) {
        if (!keys.exhausted()) {
            client.ask(work.size_kb, keys.next(), fixed);
            ++busy;
        }
    }
    while (busy != 0) {
        const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 30000);
        if (count == 0) {
            die("no answer for 30 seconds");
        }
        for (int i = 0; i < count; ++i) {
            Client& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
            const ssize_t size = ::recv(client.fd(), buffer.data(), buffer.size(), 0);
            if (size <= 0) {
                size == 0 ? die("the server closed a connection") : die_of_errno("recv");
            }
            if (!client.take({buffer.data(), static_cast<std::size_t>(size)}, filler)) {
                continue;
            }
            const Clock::time_point now = Clock::now();
            const auto latency =
                std::chrono::duration_cast<std::chrono::microseconds>(now - client.sent_at());
            latencies.push_back(static_cast<std::uint32_t>(latency.count()));
            const bool over = work.pattern == Pattern::Each ? keys.exhausted() : now >= end;
            if (over) {
                --busy;
            } else {
                client.ask(work.size_kb, keys.next(), fixed);
            }
        }
    }
    return latencies;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 9) {
        die("usage: generator PORT CONNECTIONS PATTERN SIZE_KB ENTRIES SECONDS SEED FIRST");
    }
    const auto port = static_cast<std::uint16_t>(parse_number(argv[1]));
    const double seconds = std::atof(argv[6]);
    const Work work{parse_pattern(argv[3]), parse_number(argv[4]),
                    std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6))};
    Keys keys(work.pattern, parse_number(argv[5]), parse_number(argv[7]), parse_number(argv[8]));

    const int poll = ::epoll_create1(0);
    std::vector<Client> clients(parse_number(argv[2]));
    for (Client& client : clients) {
        client.connect(port);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &client;
        if (::epoll_ctl(poll, EPOLL_CTL_ADD, client.fd(), &event) != 0) {
            die_of_errno("epoll_ctl");
        }
    }
    std::puts("ready");
    std::fflush(stdout);
    wait_for_line();

    const Clock::time_point began = Clock::now();
    std::vector<std::uint32_t> latencies = run(clients, poll, work, keys);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
    const std::size_t requests = latencies.size();
    const std::uint32_t p50 = percentile(latencies, 0.5);
    const std::uint32_t p99 = percentile(latencies, 0.99);
    std::printf("%zu %lld %u %u %llu\n", requests, static_cast<long long>(took.count()), p50, p99,
                static_cast<unsigned long long>(keys.unused()));
    std::fflush(stdout);
    wait_for_line();
}
