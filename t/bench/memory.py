"""What pages take of a worker's memory, as the kernel counts it (VmRSS). Each figure comes from
workers that have done nothing else, and where nginx itself takes memory for a request, from what
mcache takes beyond it."""

import os
import signal
import socket
from contextlib import contextmanager
from dataclasses import dataclass

import accounting
import contestants
import pages
from loads import Load
from measure import Bench
from stack.waiting import wait_for

HELD = Load("held", "random", 256, 64, 200)  # pages on their way to slow clients, one each
SMALL = Load("small", "random", 1, 64, 1000)
STORED_KB = 960  # nearly what an item of memcached holds
STORES = 32
WARM, SERVED = 1, 6  # seconds of requests

KB = 1024


@dataclass(frozen=True)
class Figure:
    what: str
    value: float
    most: float
    unit: str

    @property
    def kept(self):
        return self.value <= self.most

    def __str__(self):
        return f"{self.what}: {self.value:.2f} {self.unit}, at most {self.most:g}"


class Slow:
    """Of a contestant: each response takes minutes."""

    def location(self, size_kb):
        return super().location(size_kb) + " limit_rate 1k;"


class SlowHits(Slow, contestants.Mcache):
    name = "slow_hits"


class SlowFiles(Slow, contestants.File):
    name = "slow_files"


class Patient(contestants.Mcache):
    """Waits for a memcached that has been stopped."""

    name = "patient"

    def http(self, sizes):
        return super().http(sizes).replace(
            "mcache_pool pages {", "mcache_pool pages { timeout 5m; connect_timeout 5m;")

    def location(self, size_kb):
        # Lookups are answered long before the body is there.
        return super().location(size_kb) + " proxy_limit_rate 300k;"


class Proxied(contestants.ProxyPass):
    name = "proxied"

    def location(self, size_kb):
        return super().location(size_kb) + " proxy_limit_rate 300k;"


def ask(port, size_kb, key):
    """A connection on which the head of the response has come."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    request = f"GET {pages.path(size_kb, key)} HTTP/1.1\r\nHost: bench.example\r\n\r\n"
    connection.sendall(request.encode())
    connection.recv(1, socket.MSG_PEEK)
    return connection


def read_body(connection, size_kb, key):
    with connection, connection.makefile("rb") as response:
        while response.readline() not in (b"\r\n", b""):
            pass
        if response.read(size_kb * KB) != pages.body(size_kb, key):
            raise RuntimeError(f"the body of {pages.path(size_kb, key)} differs")


class Memory(Bench):
    def __init__(self, module, core, other_core):
        super().__init__(module, [], [HELD, SMALL], core, other_core)
        self.sizes.append(STORED_KB)
        self.connections = 2 * HELD.entries
        self.started = 0

    @contextmanager
    def fresh(self, kind):
        """A server whose worker has answered nothing yet."""
        contestant = kind(self)
        self.started += 1
        contestant.folder = contestant.folder.with_name(f"{kind.name}-{self.started}")
        server = contestant.server(self.sizes)
        self.servers[contestant] = server
        server.start()
        try:
            yield contestant, server
        finally:
            self.servers.pop(contestant).stop()

    def held(self, kind):
        """Bytes for each response that is being sent to a slow client."""
        with self.fresh(kind) as (contestant, server):
            contestant.prepare(HELD)
            ask(server.port, 1, 0).close()
            before = accounting.resident(server.worker)
            clients = [ask(server.port, HELD.size_kb, key) for key in range(HELD.entries)]
            taken = accounting.resident(server.worker) - before
            for client in clients:
                client.close()
        return taken / len(clients)

    def transient(self):
        with self.fresh(contestants.Mcache) as (contestant, _):
            self.fill(contestant, HELD)
        beyond = self.held(SlowHits) - self.held(SlowFiles) - HELD.size_kb * KB
        return Figure("a hit of 256 KB beyond its body and what nginx takes for a file",
                      beyond / KB, 8, "KB")

    def growth(self):
        with self.fresh(contestants.Mcache) as (contestant, server):
            self.fill(contestant, SMALL)
            run = self.generator.run
            run(server.port, "random", SMALL, WARM)
            before = accounting.resident(server.worker)
            served = run(server.port, "random", SMALL, SERVED, seed=1).requests
            grown = accounting.resident(server.worker) - before
        return Figure(f"an idle worker after {served:,} more requests", grown / KB, 64,
                      "KB more")

    def fills(self, kind, first):
        """Bytes of each response when it has gone to its client and memcached does not move."""
        with self.fresh(kind) as (_, server):
            ask(server.port, 1, 0).close()
            before = accounting.resident(server.worker)
            clients = [(ask(server.port, STORED_KB, key), key)
                       for key in range(first, first + STORES)]
            os.kill(self.memcached.pid, signal.SIGSTOP)
            try:
                for client, key in clients:
                    read_body(client, STORED_KB, key)
                taken = accounting.resident(server.worker) - before
            finally:
                os.kill(self.memcached.pid, signal.SIGCONT)
            if kind is Patient:
                wait_for(lambda: int(self.memcached.stats()["cmd_set"]) >= STORES, "the stores")
        return taken / STORES

    def store(self):
        beyond = self.fills(Patient, 0) - self.fills(Proxied, STORES)
        return Figure("a store of 960 KB beyond what proxy_pass takes",
                      beyond / (STORED_KB * KB), 1.2, "times its body")


def figures(module, core, other_core):
    with Memory(module, core, other_core) as memory:
        for measured in (memory.transient, memory.growth, memory.store):
            yield measured()
