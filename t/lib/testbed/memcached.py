"""A memcached of the suite's own: started, stopped, looked into."""

import asyncio
import itertools
import os
import random
import re
import socket
from dataclasses import dataclass
from urllib.parse import unquote

import processes


def free_port():
    """Outside the range of outgoing connections: nobody takes it between a stop and a start."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


# Before it an item's size is a flag, and what is done is OK.
META_AS_IT_IS = (1, 6, 13)


@dataclass
class Item:
    value: bytes
    flags: int
    ttl: int

    @property
    def is_stub(self):
        """Of one who fetches the page; on a classic server with flags that say until when."""
        return not self.value and ((self.flags & 0xFFFF) == 0 or (self.flags & 0x0FFF) == 0x0300)


class Memcached:
    same_port = None  # of those that a name has one address each of

    def __init__(self, kind, directory, number, options):
        self.options = options
        self.host = "127.0.0.1"
        self.process = None
        self.version = META_AS_IT_IS
        self.plain_port = None  # where the suite looks in
        self.auth = None
        self.crowd_of = []
        if kind == "tls":
            self.plain_port = free_port()
            self.options = [
                *options, "-Z", "-o", f"ssl_chain_cert={directory}/server.pem",
                "-o", f"ssl_key={directory}/server.key", "-o", "ssl_session_cache",
            ]  # fmt: skip
        if kind == "auth":
            self.auth = b"someone s3cret"
            file = os.path.join(directory, "users")
            with open(file, "w", encoding="ascii") as users:
                users.write("nobody:nothing\nsomeone:s3cret\n")
            self.options = [*options, "-Y", file]
        if kind == "unix":
            self.path = os.path.join(directory, f"memcached{number}.sock")
            self.address = f"unix:{self.path}"
        else:
            self.path, self.port = None, free_port()
            if kind == "same-port":
                Memcached.same_port = self.port = Memcached.same_port or self.port
                self.host = f"127.0.0.{10 + number}"
            self.address = f"{self.host}:{self.port}"

    async def connect(self):
        if self.path:
            return await asyncio.open_unix_connection(self.path)
        reader, writer = await asyncio.open_connection(self.host, self.plain_port or self.port)
        if self.auth:
            writer.write(b"set user 0 0 %d\r\n%s\r\n" % (len(self.auth), self.auth))
            if await reader.readline() != b"STORED\r\n":
                raise RuntimeError("memcached does not know its user")
        return reader, writer

    async def start(self):
        if self.process is not None:
            return
        where = ["-s", self.path] if self.path else ["-l", self.host, "-p", str(self.port)]
        if self.plain_port:
            where = ["-l", f"127.0.0.1:{self.port},notls:127.0.0.1:{self.plain_port}"]
        user = ["-u", "root"] if os.getuid() == 0 else []
        self.process = await asyncio.create_subprocess_exec(
            "setpriv", "--pdeathsig", "KILL", "memcached", "-U", "0", "-t", "2",
            *where, *user, *self.options, stdin=asyncio.subprocess.DEVNULL,
            # Of more than one address memcached says there what it says of all: accept() again.
            stderr=asyncio.subprocess.DEVNULL if self.plain_port else None,
        )  # fmt: skip
        while True:
            try:
                reader, writer = await self.connect()
                writer.write(b"version\r\n")
                version = re.match(rb"VERSION (\d+)\.(\d+)\.(\d+)", await reader.readline())
                writer.close()
                self.version = tuple(map(int, version.groups()))
                return
            except OSError:
                if self.process.returncode is not None:
                    raise RuntimeError("memcached ended at once") from None
                await asyncio.sleep(0.01)

    async def kill(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        process.kill()
        await process.wait()

    def stop(self):
        processes.stop(self.process.pid)

    def resume(self):
        processes.resume(self.process.pid)

    async def crowd(self):
        """Takes up all connections that memcached may have (needs the option -c)."""
        while True:
            reader, writer = await self.connect()
            self.crowd_of.append(writer)
            writer.write(b"mn\r\n")
            if await reader.readline() != b"MN\r\n":
                return

    def disperse(self):
        for writer in self.crowd_of:
            writer.close()
        self.crowd_of = []

    async def command(self, line, data=None):
        """One command of the meta protocol: the reply's tokens, and the value where it has one."""
        if data is not None and self.version < META_AS_IT_IS:
            command, key, size, flags = (line + " ").split(" ", 3)
            line = f"{command} {key} S{size} {flags}"
        reader, writer = await self.connect()
        try:
            writer.write(line.encode("latin-1") + b"\r\n")
            if data is not None:
                writer.write(data + b"\r\n")
            tokens = (await reader.readline()).decode("latin-1").split()
            if not tokens:
                raise RuntimeError(f"memcached closed the connection on '{line}'")
            if tokens[0] == "OK" and self.version < META_AS_IT_IS:
                tokens[0] = "HD"
            value = None
            if tokens[0] == "VA":
                value = await reader.readexactly(int(tokens[1]))
            return tokens, value
        finally:
            writer.close()

    async def get(self, key):
        tokens, value = await self.command(f"mg {key} v f t")
        if tokens[0] == "EN":
            return None
        if tokens[0] != "VA":
            raise RuntimeError(f"mg {key}: {' '.join(tokens)}")
        flags = {token[0]: int(token[1:]) for token in tokens[2:] if token[0] in "ft"}
        return Item(value, flags["f"], flags["t"])

    async def cas(self, key):
        tokens, _ = await self.command(f"mg {key} c")
        return int(tokens[1][1:]) if tokens[0] == "HD" else None

    async def set(self, key, value, flags=0, ttl=0):
        tokens, _ = await self.command(f"ms {key} {len(value)} F{flags} T{ttl}", value)
        return tokens[0] == "HD"

    async def delete(self, key):
        tokens, _ = await self.command(f"md {key}")
        return tokens[0] == "HD"

    async def append(self, key, value):
        tokens, _ = await self.command(f"ms {key} {len(value)} MA", value)
        return tokens[0] == "HD"

    async def mark_stale(self, key):
        tokens, _ = await self.command(f"md {key} I T600")
        return tokens[0] == "HD"

    async def keys(self):
        reader, writer = await self.connect()
        try:
            line = b"BUSY"  # also with a walk of memcached's own
            while line.startswith(b"BUSY"):
                writer.write(b"lru_crawler metadump all\r\n")
                line = await reader.readline()
            if line == b"OK\r\n":  # from some version on
                line = await reader.readline()
            keys = []
            while line.startswith(b"key="):
                keys.append(unquote(line.split()[0][4:].decode("latin-1")))
                line = await reader.readline()
            assert line == b"END\r\n", f"memcached ended its keys with {line!r}"
            return keys
        finally:
            writer.close()

    async def flush(self):
        await self.command("flush_all")

    async def fill(self):
        """Until there is no room for an item of any size (needs the option -M). The large ones first:
        of the small ones, which are many, there is then but a page of each class."""
        reader, writer = await self.connect()
        try:
            for size in (*range(400000, 10000, -500), *range(10000, 1000, -50), *range(1000, -1, -8)):
                answer, n, batch = b"HD\r\n", 0, 1
                while answer == b"HD\r\n":
                    lines = [b"ms fill:%d:%d %d" % (size, i, size) for i in range(n, n + batch)]
                    writer.write(b"".join(line + b"\r\n" + b"f" * size + b"\r\n" for line in lines))
                    answers = [await reader.readline() for _ in lines]
                    answer, n = answers[-1], n + batch
                    batch = max(1, 100000 // (size + 100))
                if not answer.startswith(b"SERVER_ERROR out of memory"):
                    raise RuntimeError(f"memcached answered {answer!r}")
        finally:
            writer.close()

    async def press(self):
        """Stores without end items of the sizes that pages have, and more than there is room for."""
        _, writer = await self.connect()
        try:
            for number in itertools.count():
                for size in (*range(150, 1000, 50), 60300, 500000):
                    data = b"p" * size + b"\r\n"
                    keys = (b"press:%d:%d:%d" % (size, number, i) for i in range(200000 // size + 1))
                    writer.write(b"".join(b"ms %s %d q\r\n%s" % (key, size, data) for key in keys))
                    await writer.drain()
        finally:
            writer.close()

    async def clients(self):
        """The addresses of those who are connected, without the one who asks."""
        reader, writer = await self.connect()
        writer.write(b"stats conns\r\n")
        clients, listening = {}, set()
        while (line := (await reader.readline()).decode().split()) and line[0] == "STAT":
            number, what = line[1].split(":")
            if what == "addr":
                clients[number] = line[2]
            elif what == "state" and line[2] == "conn_listening":
                listening.add(number)
        host, port = writer.get_extra_info("sockname")
        writer.close()
        return {c for n, c in clients.items() if n not in listening} - {f"tcp:{host}:{port}"}

    async def stats(self):
        reader, writer = await self.connect()
        writer.write(b"stats\r\n")
        values = {}
        while (line := (await reader.readline()).decode().split()) and line[0] == "STAT":
            values[line[1]] = line[2]
        writer.close()
        return values
