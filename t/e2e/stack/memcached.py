import os
import socket
from urllib.parse import unquote

from stack.daemon import Daemon
from stack.ports import free_port
from stack.waiting import wait_for


class Memcached(Daemon):
    def __init__(self, folder, megabytes=64):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        command = ["memcached", "-l", "127.0.0.1", "-p", self.port, "-U", "0", "-m", megabytes]
        if os.geteuid() == 0:
            command += ["-u", "nobody"]
        super().__init__("memcached", command, folder / f"memcached-{self.port}.log")

    def is_ready(self):
        try:
            return self.ask("version", "VERSION").startswith("VERSION")
        except OSError:
            return False

    def ask(self, line, end):
        """Sends one command, and returns the reply up to the line that begins with `end`, a text or
        several."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(line.encode() + b"\r\n")
            reply = []
            with connection.makefile("rb") as lines:
                for raw in lines:
                    reply.append(raw.decode("utf-8", "replace"))
                    if reply[-1].startswith(end):
                        break
        return "".join(reply)

    def stats(self):
        """{"cmd_set": "12", ...}"""
        lines = self.ask("stats", "END").splitlines()
        return dict(line.split(" ", 2)[1:] for line in lines if line.startswith("STAT "))

    def flush(self):
        self.ask("flush_all", "OK")

    def keys(self):
        """All keys that it holds, also those of empty values."""
        words = wait_for(self.dump, "memcached's crawler").split()
        return {unquote(word.removeprefix("key=")) for word in words if word.startswith("key=")}

    def dump(self):
        """A line a key, "key=... exp=..."; None while the crawler works for somebody else."""
        reply = self.ask("lru_crawler metadump all", ("END", "BUSY"))
        return None if reply.startswith("BUSY") else reply

    def write(self, key, value):
        """Sets it, with flags 0 and for ever; None deletes it."""
        if value is None:
            self.ask(f"delete {key}", ("DELETED", "NOT_FOUND"))
            return
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"set %s 0 0 %d\r\n%s\r\n" % (key.encode(), len(value), value))
            with connection.makefile("rb") as reply:
                answer = reply.readline()
            if answer != b"STORED\r\n":
                raise RuntimeError(f"memcached did not store {key}: {answer}")

    def read(self, key):
        """The value's flags and bytes, or None, as any client would read it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"get " + key.encode() + b"\r\n")
            with connection.makefile("rb") as reply:
                head = reply.readline().split()
                if head[0] != b"VALUE":
                    return None
                return int(head[2]), reply.read(int(head[3]))
