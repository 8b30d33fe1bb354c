#pragma once

// A real memcached on a unix socket in a directory of its own, and one connection to it.

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include "memcached/protocol/out_queue.h"

namespace mcache::memcached {

class ServerProcess {
  public:
    ServerProcess() {
        char name[] = "/tmp/mcache-unit-XXXXXX";
        directory_ = mkdtemp(name);
        socket_path_ = directory_ + "/socket";
        process_ = fork();
        if (process_ == 0) {
            execlp("memcached", "memcached", "-u", "root", "-m", "16", "-s", socket_path_.c_str(),
                   static_cast<char*>(nullptr));
            _exit(127);
        }
        connect_when_listening();
    }

    ~ServerProcess() {
        if (connection_ >= 0) {
            close(connection_);
        }
        if (process_ > 0) {
            kill(process_, SIGKILL);  // its orderly end takes a second
            waitpid(process_, nullptr, 0);
        }
        unlink(socket_path_.c_str());
        rmdir(directory_.c_str());
    }

    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    // False when there is no memcached on this machine.
    bool is_running() const { return connection_ >= 0; }

    bool send(OutQueue& queue) {
        while (!queue.empty()) {
            struct iovec parts[16];
            const auto count = static_cast<int>(queue.fill(parts, 16));
            const ssize_t sent = writev(connection_, parts, count);
            if (sent < 0) {
                return false;
            }
            queue.consume(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // Waits for more bytes of the reply; false after five seconds without any.
    bool receive(std::string& bytes) {
        struct pollfd readable = {connection_, POLLIN, 0};
        char chunk[4096];
        if (poll(&readable, 1, 5000) != 1) {
            return false;
        }
        const ssize_t size = read(connection_, chunk, sizeof(chunk));
        if (size <= 0) {
            return false;
        }
        bytes.append(chunk, static_cast<std::size_t>(size));
        return true;
    }

  private:
    void connect_when_listening() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        struct sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        socket_path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
        while (std::chrono::steady_clock::now() < deadline) {
            if (waitpid(process_, nullptr, WNOHANG) == process_) {
                process_ = -1;
                return;
            }
            connection_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (connect(connection_, reinterpret_cast<struct sockaddr*>(&address),
                        sizeof(address)) == 0) {
                return;
            }
            close(connection_);
            connection_ = -1;
            usleep(2000);
        }
    }

    std::string directory_;
    std::string socket_path_;
    pid_t process_ = -1;
    int connection_ = -1;
};

}  // namespace mcache::memcached
