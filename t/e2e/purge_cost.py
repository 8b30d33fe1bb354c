#!/usr/bin/python3
"""What a wipe and the purge of a tag cost when a million pages are concerned.

    t/e2e/purge_cost.py                     a million entries: 1 GB of memory, ten seconds
    t/e2e/purge_cost.py --entries 20000     as in t/e2e/tests/test_purges.py

One page is fetched through nginx, and its entry copied under the keys of the others. Times are
medians of requests that follow one another on one connection, as a Python program sees them. "mg"
is a round trip to memcached without nginx, "a hit" is one with it.
The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/."""

import argparse
import asyncio
import random
import re
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from purges import HTTP, LOCATIONS, SITE  # noqa: E402
from stack.fleet import Fleet, Reply  # noqa: E402
from stack.waiting import wait_for  # noqa: E402

TRIES = 201
SAMPLE = 200
BODY = b"<p>A page.</p>\n" * 20
PAGE = "/page/%08d"


async def origin(asked):
    headers = (("X-Accel-Expires", "3600"), ("Cache-Tag", "all, album-3, photo-7"))
    return Reply(200, headers, BODY)


class Line:
    """One connection, one request at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")

    def line(self):
        line = self.replies.readline()
        if not line:
            raise ConnectionResetError("the connection was closed")
        return line


class ToMemcached(Line):
    def ask(self, command):
        self.socket.sendall(command)
        return self.line()

    def get(self, key):
        """Client flags and bytes, or None."""
        head = self.ask(f"get {key}\r\n".encode()).split()
        if head[0] != b"VALUE":
            return None
        value = self.replies.read(int(head[3]) + 2)[:-2]
        self.line()
        return int(head[2]), value

    def fill(self, numbers, flags, entry):
        """The entry of page 0 under the keys of other pages: its key is in it, and as long."""
        own, rest = (SITE + PAGE % 0).encode(), b" %d T0 F%d q\r\n" % (len(entry), flags)
        for first in range(0, len(numbers), 1000):
            keys = [(SITE + PAGE % number).encode() for number in numbers[first : first + 1000]]
            self.socket.sendall(b"".join(
                b"ms " + key + rest + entry.replace(own, key) + b"\r\n" for key in keys
            ))
        if self.ask(b"mn\r\n") != b"MN\r\n":
            raise RuntimeError("memcached did not store the entries")

    def items(self):
        self.socket.sendall(b"stats\r\n")
        lines = iter(self.line, b"END\r\n")
        return next(int(line.split()[2]) for line in list(lines) if b" curr_items " in line)


class ToNginx(Line):
    def ask(self, method, uri, headers=""):
        """Status and X-Cache-Status."""
        request = f"{method} {uri} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"
        self.socket.sendall(request.encode())
        head = b"".join(iter(self.line, b"\r\n"))
        length = re.search(rb"(?i)^content-length: (\d+)", head, re.M)
        self.replies.read(int(length[1]) if length else 0)
        cache = re.search(rb"(?i)^x-cache-status: (\S+)", head, re.M)
        return int(head.split()[1]), cache and cache[1].decode()


def median(act):
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


class Cost:
    def __init__(self, entries):
        self.entries = entries
        self.columns = []  # (items in memcached, {what: median seconds}): of one page, and of all
        self.wrong = []

    def measure(self):
        asyncio.run(self.run())
        return self

    async def run(self):
        megabytes = 64 + self.entries // 800
        http = HTTP + "    keepalive_requests 1000000;\n"
        async with Fleet(LOCATIONS, origin, megabytes=megabytes, http=http) as fleet:
            self.memcached = ToMemcached(fleet.memcached.port)
            self.nginx = ToNginx(fleet.nginxes[0].port)
            # The origin answers on this loop meanwhile.
            await asyncio.get_running_loop().run_in_executor(None, self.compare)
            self.wrong += fleet.alarms()

    def compare(self):
        self.time_all()
        self.fill()
        self.time_all()

    def time_all(self):
        times = {}
        page = PAGE % 0
        self.wait_for_a_hit()
        items = self.memcached.items()
        times["mg"] = median(lambda: self.memcached.ask(f"mg {SITE}{page} s\r\n".encode()))
        times["a hit"] = median(lambda: self.nginx.ask("GET", page))
        times["a tag"] = median(lambda: self.purge("/", "X-Purge-Tags: album-3\r\n"))
        self.expect("MISS")
        self.fill()
        times["a wipe"] = median(lambda: self.purge("/page/*"))
        self.expect("MISS")
        self.columns.append((items, times))

    def purge(self, uri, headers=""):
        status, _ = self.nginx.ask("PURGE", uri, headers)
        if status != 204:
            self.wrong.append(f"PURGE {uri}: {status}")

    def wait_for_a_hit(self):
        wait_for(lambda: self.nginx.ask("GET", PAGE % 0) == (200, "HIT"), "a hit")

    def fill(self):
        """All pages; for the first column there is only one."""
        self.wait_for_a_hit()
        if self.columns:
            flags, entry = self.memcached.get(SITE + PAGE % 0)
            self.memcached.fill(range(1, self.entries), flags, entry)
            self.expect("HIT")

    def expect(self, cache):
        """Of pages that nobody has asked for."""
        pages = random.sample(range(1, self.entries), SAMPLE) if self.columns else []
        for page in pages:
            got = self.nginx.ask("GET", PAGE % page)
            if got != (200, cache):
                self.wrong.append(f"{PAGE % page}: {got}, not {cache}")

    def ratio(self, what):
        """To a round trip to memcached, with all pages."""
        times = self.columns[-1][1]
        return times[what] / times["mg"]

    def __str__(self):
        lines = []
        for items, times in self.columns:
            lines.append(f"{items} items in memcached:")
            lines += [f"    {what:<8} {seconds * 1e6:6.0f} us  {seconds / times['mg']:5.1f} x mg"
                      for what, seconds in times.items()]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1000000)
    cost = Cost(parser.parse_args().entries).measure()
    print(cost)
    print("\n".join(cost.wrong[:20]))
    sys.exit(bool(cost.wrong))


if __name__ == "__main__":
    main()
