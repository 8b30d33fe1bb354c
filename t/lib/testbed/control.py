"""The steps of a test that are not requests to the site: `GET /__/NAME?...`, passed on by nginx.

What a test waits for is awaited here, against a deadline, so that no suite sleeps. The answer is 200
with a line that says how things are; 504 where a deadline passed; 500 where what was asked is not so.
"""

import asyncio
import itertools
import os
import re
import shlex
import signal
from pathlib import Path

import processes
from alike import Alike
from backends import Backends
from breaking import Breaking
from client import KeptConnection, request
from clients import Clients
from combinations import Combinations
from copies import Copies
from departures import Departures
from faults import Faults
from interleave import Interleaving
from large import LargeBodies
from mixtures import Mixtures
from resolved import Resolved
from slow_readers import SlowReaders

DEADLINE = 10.0


class Deadline(Exception):
    pass


async def until(condition, what):
    """Polls the coroutine function until its answer is true, and returns that."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE
    while True:
        answer = await condition()
        if answer:
            return answer
        if loop.time() > end:
            raise Deadline(what)
        await asyncio.sleep(0.005)


class Control(
    LargeBodies, Interleaving, Copies, Resolved, Clients, Faults, Combinations, Backends, Breaking, Departures,
    SlowReaders, Mixtures, Alike,
):
    def __init__(self, origin, servers, foreign, liars, secure, names, network, options):
        self.origin = origin
        self.servers = servers
        self.foreign = foreign
        self.liars = liars
        self.secure = secure
        self.names = names
        self.network = network
        self.wire = None  # the network, or a namespace
        self.options = options
        self.fences = itertools.count(1)
        self.begun = {}
        self.readers = {}
        self.kept = {}
        self.noted = {}
        self.until = until
        self.reset_copies()
        self.reset_faults()
        self.reset_combinations()
        self.reset_breaking()
        self.reset_departures()

    async def answer(self, http):
        name = http.path.removeprefix("/__/").replace("-", "_")
        step = getattr(self, f"step_{name}", None)
        if step is None:
            return 404, f"no step {name}\n".encode(), []
        args = {key: values[-1] for key, values in http.query.items()}
        try:
            answer = await step(**args)
        except Deadline as reached:
            return 504, f"timed out: {reached}\n".encode(), []
        except (AssertionError, RuntimeError, OSError) as wrong:
            return 500, f"{type(wrong).__name__}: {wrong}\n".encode(), []
        if isinstance(answer, tuple):
            return 200, *answer
        return 200, f"{answer}\n".encode(), []

    async def nginx(self, uri, method="GET", headers=()):
        return await request(self.options.nginx_port, method, uri, headers)

    async def find(self, key):
        """The item, on whichever server it is; one that only marks a fetch under way is none."""
        for server in self.servers:
            item = await server.get(key) if server.process is not None else None
            if item is not None and not item.is_stub:
                return item
        return None

    # What the suite does between two blocks.

    async def step_reset(self):
        for server in self.servers:
            if server.process is not None:
                server.resume()
            await server.start()
            await server.flush()
        for liar in self.liars.values():
            liar.truthful()
            await liar.listen_unix()
        for foreign in self.foreign.values():
            foreign.unknown.clear()
        for front in self.secure.values():
            front.reset()
        self.reset_names()
        self.origin.reset()
        self.reset_interleaving()
        self.reset_large()
        self.reset_copies()
        self.reset_faults()
        self.reset_combinations()
        self.reset_breaking()
        self.reset_departures()
        return "reset"

    # The cache's content.

    async def step_stored(self, key):
        await until(lambda: self.find(key), f"{key} is not in memcached")
        return "stored"

    async def step_holds(self, key, text):
        async def holds():
            item = await self.find(key)
            return item is not None and text.encode() in item.value

        await until(holds, f"the value of {key} does not hold {text}")
        return "holds"

    async def step_gone(self, key):
        async def gone():
            return await self.find(key) is None

        await until(gone, f"{key} is still in memcached")
        return "gone"

    async def step_settled(self):
        """Stores leave a worker in order: when a later one has arrived, the earlier ones have."""
        uri = f"/__fence/{next(self.fences)}"
        answer = await self.nginx(uri)
        assert answer.status == 200, f"the fence {uri} was answered {answer.status}"
        await self.step_stored(f"fence:{uri}")
        return "settled"

    async def step_not_stored(self, key):
        await self.step_settled()
        item = await self.find(key)
        assert item is None, f"{key} is in memcached: {item}"
        return "not stored"

    async def step_item(self, key):
        item = await self.find(key)
        assert item is not None, f"{key} is not in memcached"
        return item.value, [("X-Flags", str(item.flags)), ("X-TTL", str(item.ttl))]

    async def step_set(self, key, value="", flags="0", ttl="0", size=None, hex=None):
        data = b"m" * int(size) if size is not None else value.encode()
        if hex is not None:
            data = bytes.fromhex(hex)
        assert await self.servers[0].set(key, data, int(flags), int(ttl)), "memcached did not set"
        return "set"

    async def step_delete(self, key):
        for server in self.servers:
            if await server.delete(key):
                return "deleted"
        return "no such item"

    async def step_mark_stale(self, key):
        """What a soft purge does."""
        for server in self.servers:
            if await server.mark_stale(key):
                return "stale"
        return "no such item"

    async def step_keep(self, key):
        """Takes an item down, to be put back as it was."""
        self.kept[key] = await self.find(key)
        assert self.kept[key] is not None, f"{key} is not in memcached"
        return "kept"

    async def step_put_back(self, key):
        item = self.kept[key]
        assert await self.servers[0].set(key, item.value, item.flags, item.ttl)
        return "put back"

    # Purge logs, as an application writes them: on each server.

    async def append(self, key, text):
        done = [await server.append(key, text.encode()) for server in self.servers]
        return "stored" if all(done) else "not stored"

    async def step_append(self, key, line):
        return await self.append(key, f"{line}\n")

    async def step_append_open(self, key, line):
        return await self.append(key, line)

    async def step_append_many(self, key, n):
        """So many lines about nothing."""
        return await self.append(key, "".join(f"tag none-{i:06}\n" for i in range(int(n))))

    async def step_append_until_full(self, key):
        """Until memcached does not store one line more."""
        n = 16384
        while n:
            if await self.step_append_many(key, n) != "stored":
                n //= 2
        return "full"

    async def step_shorter(self, key):
        """Waits until a log of more than 64 KiB has been shortened."""

        async def short():
            item = await self.find(key)
            return item is not None and len(item.value) < 64 * 1024

        await until(short, f"{key} stays long")
        return "shorter"

    async def step_asked(self, stat, uri):
        """By how much a request raises a counter of memcached's."""
        before = int((await self.servers[0].stats())[stat])
        await self.nginx(uri)
        return int((await self.servers[0].stats())[stat]) - before

    async def step_note_cas(self, key):
        self.noted[key] = await self.servers[0].cas(key)
        return "noted"

    async def step_cas(self, key):
        """Whether it is the one that was noted."""
        noted, now = self.noted[key], await self.servers[0].cas(key)
        return "as noted" if now == noted else f"{now}, not {noted}"

    async def step_local(self, times, uris):
        """How many pages came from nginx's own memory when each was asked for the last time.
        /t/1..9 stands for nine of them."""
        pages = []
        for uri in uris.split():
            prefix, dots, last = uri.partition("1..")
            pages += [f"{prefix}{i}" for i in range(1, int(last) + 1)] if dots else [uri]
        for _ in range(int(times)):
            answers = [await self.nginx(page) for page in pages]
            await self.step_settled()
        return f"{sum(answer.header('X-Local') == '1' for answer in answers)} of {len(pages)}"

    async def step_memory_files(self):
        """How many files the worker holds that are pages of its local tier."""
        (worker,) = self.children(self.master())
        files = [os.readlink(file) for file in Path(f"/proc/{worker}/fd").iterdir()]
        return sum("memfd:mcache" in file for file in files)

    async def step_purged(self, uri):
        """The status of a PURGE, and the numbers of the servers that are said to have failed."""
        answer = await self.nginx(uri, "PURGE")
        text = answer.text()
        failed = [str(n) for n, server in enumerate(self.servers, 1) if server.address in text]
        return " ".join([str(answer.status), *failed])

    async def step_purge_until(self, status, uri):
        async def answered():
            return (await self.nginx(uri, "PURGE")).status == int(status)

        await until(answered, f"PURGE {uri} is not answered {status}")
        return status

    async def holder(self, key):
        """The number of the server that has the item; of the one that is dead where none has."""
        for number, server in enumerate(self.servers, 1):
            if server.process is not None and await server.get(key) is not None:
                return number
        dead = [n for n, server in enumerate(self.servers, 1) if server.process is None]
        return dead[0] if dead else "none"

    async def step_holders(self, prefix, n):
        """How many of the keys PREFIX1 to PREFIXn each server has."""
        holders = [await self.holder(f"{prefix}{i}") for i in range(1, int(n) + 1)]
        return ", ".join(f"{which}: {holders.count(which)}" for which in sorted(set(holders), key=str))

    async def step_statuses(self, prefix, n):
        """What became of PREFIX1 to PREFIXn, by the server of the key, which is the URI."""
        seen = set()
        for i in range(1, int(n) + 1):
            answer = await self.nginx(f"{prefix}{i}")
            holder = await self.holder(f"{prefix}{i}")
            seen.add(f"{answer.header('X-Mcache')} as on {holder}")
        return ", ".join(sorted(seen))

    # The servers' state.

    async def step_memcached(self, do, number="1"):
        server = self.servers[int(number) - 1]
        if do == "stop":
            server.stop()
        elif do == "resume":
            server.resume()
        elif do == "kill":
            await server.kill()
        elif do == "start":
            await server.start()
        elif do == "flush":
            await server.flush()
        elif do == "fill":
            await server.fill()
        else:
            raise RuntimeError(f"memcached cannot {do}")
        return do

    async def step_lie(self, how):
        for liar in self.liars.values():
            liar.lie = how
            if how != "leaves":
                await liar.listen_unix()
        return how

    async def step_refuse(self, command, text):
        """From now on the liars answer a command so, a line for each that `|` ends; `none`: no command."""
        for liar in self.liars.values():
            if command == "none":
                liar.refusals.clear()
                continue
            liar.refusals[command.encode()] = b"".join(line.encode() + b"\r\n" for line in text.split("|"))
        return command

    async def step_answer_then_gone(self, held, broken):
        """The liar keeps a reply back, breaks its other connections and listens no more. Then the reply
        comes, which leads to another command."""
        liar = self.liars["liar"]
        await self.step_lie("leaves")
        first = asyncio.ensure_future(self.nginx(held))
        await liar.stayed.wait()
        answers = [await self.nginx(broken)]
        liar.lie = "truth"
        answers = [await first, *answers]
        await liar.listen_unix()
        return self.summary([held, broken], answers)

    async def step_unknown(self, server):
        """The commands that a foreign server was sent and did not know."""
        counts = self.foreign[server].unknown
        return " ".join(f"{command}:{counts[command]}" for command in sorted(counts)) or "none"

    async def step_handshakes(self):
        """How many a TLS front saw in all, how many resumed a session, and the names asked for."""
        fronts = self.secure.values()
        names = set().union(*(front.names for front in fronts))
        return (
            f"{sum(front.handshakes for front in fronts)} handshakes, "
            f"{sum(front.resumed for front in fronts)} resumed, {' '.join(sorted(names))}"
        )

    # nginx, as its clients and its administrator see it.

    async def step_count(self, path):
        return self.origin.counts.get(path, 0)

    async def step_counted(self, n, path):
        async def counted():
            return self.origin.counts.get(path, 0) == int(n)

        await until(counted, f"{path} was not asked for {n} times")
        return n

    async def step_status(self, uri, status):
        """Asks until $mcache_status, sent as X-Mcache, is that one."""

        async def seen():
            answer = await self.nginx(uri)
            return re.fullmatch(status, answer.header("X-Mcache") or "")

        await until(seen, f"{uri} is not {status}")
        return status

    async def started(self):
        page = await self.nginx("/__nginx")
        return int(page.body.split(b"\n")[2].split()[2])

    async def begin(self, uris, headers=(), ask=None):
        """Sends the requests, and returns when nginx has begun on each of them."""
        before = await self.started()
        if ask is None:
            tasks = [asyncio.ensure_future(self.nginx(uri, headers=headers)) for uri in uris]
        else:
            tasks = [asyncio.ensure_future(ask(uri)) for uri in uris]
        polls = itertools.count(1)

        async def all_begun():
            return await self.started() - before - next(polls) >= len(tasks)

        await until(all_begun, "nginx did not begin on the requests")
        return tasks

    @staticmethod
    def summary(uris, answers):
        counts = {}
        for uri, answer in zip(uris, answers):
            line = f"{uri}: {answer.status} {answer.header('X-Mcache') or '-'} {answer.text()}"
            counts[line] = counts.get(line, 0) + 1
        return "\n".join(f"{count} x {line}" for line, count in sorted(counts.items()))

    async def step_parallel(self, n, uris):
        uris = uris.split() * int(n)
        return self.summary(uris, await asyncio.gather(*map(self.nginx, uris)))

    async def held(self, n, uris, meanwhile=None):
        """N requests for each URI, all under way while memcached stands still."""
        server = self.servers[0]
        server.stop()
        try:
            tasks = await self.begin(uris.split() * int(n))
            if meanwhile is not None:
                await meanwhile(tasks)
        finally:
            server.resume()
        return tasks

    async def step_in_flight(self, n, uris):
        """What came of requests that were under way together."""
        answers = await asyncio.gather(*await self.held(n, uris))
        return self.summary(uris.split() * int(n), answers)

    async def step_one_turn(self, n, uris):
        """What came of requests that a turn of nginx's event loop found all together, and how many
        lookups memcached saw."""
        uris = uris.split() * int(n)
        before = int((await self.servers[0].stats())["cmd_get"])
        port = self.options.nginx_port
        connections = await asyncio.gather(*(KeptConnection.open(port) for _ in uris))
        (worker,) = self.children(self.master())
        processes.stop(int(worker))
        try:
            for connection, uri in zip(connections, uris):
                await connection.send(uri)

            async def delivered():
                return all(connection.delivered() for connection in connections)

            await until(delivered, "the requests did not reach nginx")
        finally:
            processes.resume(int(worker))
        answers = await asyncio.gather(*(connection.answer() for connection in connections))
        lookups = int((await self.servers[0].stats())["cmd_get"]) - before
        return f"{self.summary(uris, answers)}\nlookups {lookups}"

    async def step_in_flight_reload(self, n, uris):
        """The same with a reload while they wait."""

        async def reload(_):
            await self.step_reload()

        answers = await asyncio.gather(*await self.held(n, uris, reload))
        return self.summary(uris.split() * int(n), answers)

    async def step_abandon(self, n, uris):
        """Clients that reset their connections while memcached stands still."""

        async def leave(tasks):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        await self.held(n, uris, leave)
        return "abandoned"

    async def step_half_abandon(self, n, uri):
        """Every second client resets its connection; what came of the others."""

        async def leave(tasks):
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks[::2], return_exceptions=True)

        tasks = (await self.held(n, uri, leave))[1::2]
        return self.summary([uri] * len(tasks), await asyncio.gather(*tasks))

    async def step_abort(self, uri):
        """A client that leaves as soon as the first byte of the answer has come."""
        answer = await request(self.options.nginx_port, "GET", uri, (), first_byte_only=True)
        return f"left after {answer.status}"

    async def step_curl(self, arguments):
        """What curl says: the header where it is asked for with -i, the status line first."""
        return await self.run("curl", "-sS", *shlex.split(arguments))

    async def step_nghttp(self, arguments):
        """An HTTP/2 client that sends several requests at once on one connection."""
        return await self.run("nghttp", *shlex.split(arguments))

    async def step_nghttp_leaves(self, gate, arguments):
        """One that leaves when its request has arrived at the gate."""
        process = await asyncio.create_subprocess_exec(
            "nghttp", *shlex.split(arguments), stdout=asyncio.subprocess.DEVNULL)
        await self.step_arrivals(gate, 1)
        process.terminate()
        await process.wait()
        return "left"

    @staticmethod
    async def run(*command):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        return output.replace(b"\r\n", b"\n"), []

    def master(self):
        with open(self.options.pid_file, encoding="ascii") as file:
            return int(file.read())

    @staticmethod
    def children(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return set(file.read().split())

    async def step_listeners(self):
        """nginx's processes that wait for an event of a descriptor that the master made for them."""

        def links(pid):
            return {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}

        master = self.master()
        made = {fd for fd, what in links(master).items() if what == "anon_inode:[eventfd]"}
        names = []
        for pid in self.children(master):
            (epoll,) = (fd for fd, what in links(pid).items() if what == "anon_inode:[eventpoll]")
            with open(f"/proc/{pid}/fdinfo/{epoll}", encoding="ascii") as file:
                watched = set(re.findall(r"tfd:\s*(\d+)", file.read()))
            if watched & made:
                with open(f"/proc/{pid}/cmdline", encoding="ascii") as file:
                    names.append(file.read().strip("\0 ").removeprefix("nginx: "))
        return " ".join(sorted(names))

    async def step_reload(self):
        """HUP, and a worker has taken over that was not there before."""
        master = self.master()
        before = self.children(master)
        os.kill(master, signal.SIGHUP)

        def leaves(worker):
            try:
                with open(f"/proc/{worker}/cmdline", encoding="ascii") as file:
                    return "shutting down" in file.read()
            except OSError:
                return True

        async def taken_over():
            return self.children(master) - before and all(map(leaves, before))

        await until(taken_over, "no new worker has taken over")
        return "reloaded"

    async def step_quit_worker(self):
        """One worker after a reload: the old one has left."""

        async def alone():
            return len(self.children(self.master())) == 1

        await until(alone, "an old worker stays")
        return "one worker"

    async def step_log_twice(self, match):
        return await self.step_log(match, "2")

    async def step_log(self, match, least="1"):
        """How many lines of the error log match, when there are at least so many."""

        def lines():
            with open(self.options.error_log, encoding="utf-8", errors="replace") as file:
                return [line for line in file if re.search(match, line)]

        async def enough():
            return len(lines()) >= int(least)

        await until(enough, f"no {least} lines of the log match {match}")
        return len(lines())
