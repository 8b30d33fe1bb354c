"""A unix socket in front of a memcached that delays, breaks, drops and refuses what passes, and that deletes
items just before they are asked for. What it does to the next command is drawn.
"""

import asyncio
import os
import random
import time
from collections import Counter, deque

# What can befall a command, with how often it does in a storm.
BEFALLS = {
    "delay": 0.02,  # the reply comes late, and all behind it
    "hang": 0.001,  # later than anybody waits
    "drop": 0.001,  # no reply, and those behind it come
    "server-error": 0.01,  # not forwarded
    "client-error": 0.005,
    "break": 0.004,  # the connection ends in place of the command
    "break-behind": 0.004,  # in place of the reply
    "cut": 0.003,  # in the middle of the reply
    "evict": 0.05,  # what the command names is gone
}
REFUSALS = {"server-error": b"SERVER_ERROR out of memory storing object\r\n",
            "client-error": b"CLIENT_ERROR bad data chunk\r\n"}
WITH_DATA = {b"ms": 2, **dict.fromkeys((b"set", b"add", b"cas", b"append", b"prepend", b"replace"), 4)}
LIMIT = 1 << 22


class Broken(Exception):
    """The connection ends here."""


class Wire:
    def __init__(self, seed, memcached, path, truth, old):
        self.chance = random.Random(f"{seed}/wire/{path.name}")
        self.memcached, self.path, self.truth, self.old = memcached, path, truth, old
        self.storm = 0.0  # by what the numbers above are multiplied
        self.commands = Counter()  # key: since it was looked at last
        self.total = 0
        self.keys = deque(maxlen=500)  # of items that were stored
        self.parts = deque(maxlen=500)
        self.tasks = set()
        self.server = None

    @property
    def address(self):
        return f"unix:{self.path}"

    async def start(self):
        self.path.unlink(missing_ok=True)
        self.server = await asyncio.start_unix_server(self.accept, self.path, backlog=512, limit=LIMIT)
        os.chmod(self.path, 0o777)

    def stop(self):
        """Nothing listens any more, and all connections are broken."""
        if self.server is not None:
            self.server.close()
            self.server = None
        self.path.unlink(missing_ok=True)
        self.break_all()

    def break_all(self):
        for task in list(self.tasks):
            task.cancel()

    async def accept(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        upstream = None
        try:
            answers, upstream = await asyncio.open_connection("127.0.0.1", self.memcached.port, limit=LIMIT)
            pending = asyncio.Queue()
            async with asyncio.TaskGroup() as group:
                group.create_task(self.forward(reader, upstream, pending))
                group.create_task(self.give_back(answers, writer, pending))
        except* (Broken, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        except* asyncio.CancelledError:
            pass
        finally:
            self.tasks.discard(task)
            for each in (writer, upstream):
                if each is not None:
                    each.transport.abort()

    def draw(self):
        number = self.chance.random()
        if self.storm:
            for name, share in BEFALLS.items():
                number -= share * self.storm
                if number < 0:
                    self.truth.seen[f"wire {name}"] += 1
                    return name
        return ""

    async def forward(self, reader, upstream, pending):
        while True:
            line = await reader.readuntil(b"\r\n")
            words = line.split()
            data = b""
            if words[0] in WITH_DATA:
                data = await reader.readexactly(int(words[WITH_DATA[words[0]]]) + 2)
                (self.parts if b"part" in words[1] else self.keys).append(words[1])
            self.total += 1
            self.commands[words[1] if len(words) > 1 else words[0]] += 1
            what = self.draw()
            if what == "break":
                raise Broken
            if what in REFUSALS:
                pending.put_nowait(what)
                continue
            if what == "evict" and len(words) > 1 and words[0] in (b"mg", b"get", b"gets"):
                upstream.write(b"delete %s noreply\r\n" % words[1])
            pending.put_nowait(what)
            upstream.write(line + data)
            await upstream.drain()

    async def give_back(self, answers, writer, pending):
        while True:
            what = await pending.get()
            if what in REFUSALS:
                writer.write(REFUSALS[what])
                continue
            reply = await self.read_reply(answers)
            if what == "delay":
                await asyncio.sleep(self.chance.choice((0.001, 0.01, 0.05)))
            elif what == "hang":
                await asyncio.sleep(1.2)
            elif what == "drop":
                continue
            elif what == "break-behind":
                raise Broken
            elif what == "cut":
                writer.write(reply[: self.chance.randrange(len(reply))])
                await writer.drain()
                raise Broken
            writer.write(reply)
            await writer.drain()

    async def read_reply(self, answers):
        line = await answers.readuntil(b"\r\n")
        first = line.split(b" ", 1)[0].strip()
        if first == b"VERSION" and self.old:
            return b"VERSION 1.5.22\r\n"
        if first == b"VA":
            return line + await answers.readexactly(int(line.split()[1]) + 2)
        if first == b"STAT":
            return line + await answers.readuntil(b"\r\nEND\r\n")
        reply = [line]
        while first == b"VALUE":
            reply.append(await answers.readexactly(int(reply[-1].split()[3]) + 2))
            reply.append(await answers.readuntil(b"\r\n"))
            first = reply[-1].split(b" ", 1)[0].strip()
        return b"".join(reply)

    # ---- what else befalls

    async def tell(self, command):
        """To memcached itself; the first line of the reply."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.memcached.port)
        try:
            writer.write(command)
            return (await reader.readline()).strip()
        finally:
            writer.close()

    async def evict(self, parts):
        """One item that was stored lately, or one part."""
        keys = self.parts if parts and self.parts else self.keys
        if keys:
            await self.tell(b"delete %s\r\n" % self.chance.choice(keys))
            self.truth.seen["evicted parts" if keys is self.parts else "evicted"] += 1


class Busyness:
    """Commands that come faster than requests can be the reason."""

    def __init__(self, wires, clients):
        self.wires, self.clients = wires, clients
        self.since, self.sent = time.monotonic(), clients.sent
        self.highest = 0

    def look(self):
        """What is wrong, or None; every second or so."""
        now, sent = time.monotonic(), self.clients.sent
        allowed = (now - self.since) * (200 + 60 * self.clients.most_in_flight) + 8 * (sent - self.sent)
        counts = sum((wire.commands for wire in self.wires), Counter())
        for wire in self.wires:
            wire.commands = Counter()
        self.since, self.sent = now, sent
        self.clients.most_in_flight = self.clients.in_flight
        if not counts:
            return None
        key, number = counts.most_common(1)[0]
        self.highest = max(self.highest, number)
        return f"memcached was asked {number} times for {key!r}, {allowed:.0f} would be many" if number > allowed else None
