"""Steps for the fault matrix: a fault of memcached's, or of the network to it, begins under requests
and ends again, and each answer is looked at.

    cell(where, fault)  "right", or what was not: a wrong or missing page; requests that wait although
                        the fault is known; memory; lines in the log; a memcached that is not used again
    cells()             how many faults there were, and how many answers were looked at

Pages under /WHERE go to memcached itself (direct), through a liar (lied, and classic for the classic
protocol), over a network (far), or over a wire into a network namespace (wire; over the network where the
machine makes none). Their pools have the timeouts below; the header X-Time is $mcache_lookup_time.

How waiting is judged. A request waits in vain when it gets no page of memcached's (DOWN) after 0.8 of the
timeout or more. Of PROBES requests one after the other, while the fault lasts:
- none may, where the server answers no greeting: it is tried again beside the requests;
- elsewhere as many as there are times at which it is tried again: 4, and 2 in each fail_timeout;
- with latency none, as long as the network takes less than a third of the timeout for a piece;
- with loss one, and one more for each connection that was made anew: who has waited took the server out
  of use, and only a new connection brings it back.
No lookup waits for longer than connect_timeout, timeout and 100 ms, and by how much nginx was late with
timers of its own of the same length (/late), which run all the time.
"""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field

from answers import AsItIs
from bed import Bed, Steps, until
from client import request
from network import WEATHER
from nginx import Nginx
from origin import Request, body_of
from outages import Outages

TIMEOUT = 0.3  # seconds, connect_timeout and timeout of the pools
FAIL_TIMEOUT = 1.0
PATIENCE = 15.0  # of one client; it is only to tell late from never
PROBES = 24  # requests one after the other, while the fault lasts
# So long that the server is tried again meanwhile.
MORE_PROBES = dict.fromkeys(("stopped", "partition", "one-way"), 200)
MEMORY = 64 * 1024  # KB that the worker may need more under a fault

LATE = 6  # timers of nginx's own that run at a time
GRACE = 0.1  # seconds
DROPPED = 5  # pages that memcached is to drop while they are asked for

# Whoever has failed so is not in use again before it answers a greeting, which it does not.
SPEECHLESS = ("refused", "stopped", "stopped-cold", "killed", "crowded", "partition", "one-way", "silent")


@dataclass
class Seen:
    """What the answers of a cell were like."""

    wrong: list = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    in_vain: int = 0  # waits
    longest: float = 0.0  # wait for memcached, as nginx saw it
    late: float = 0.0  # how late nginx was with a timer of its own


@dataclass
class Faults(Steps):
    bed: Bed
    nginx: Nginx
    outages: Outages

    def reset(self):
        self.faults_tried = self.answers_seen = 0
        self.usual_options = self.bed.servers[0].options
        self.bed.network.weather = "calm"

    async def begin_fault(self, where, fault):
        server = self.bed.servers[0]
        if fault in ("refused", "restarted", "stopped-cold", "crowded", "evicting"):
            await server.kill()
        if fault == "evicting":
            # Without segments even what is asked for all the time is dropped.
            server.options = ["-m", "2", "-o", "no_modern"]
        if fault in ("restarted", "stopped-cold", "crowded", "evicting"):
            await server.start()
        if fault in ("stopped", "stopped-cold"):
            server.stop()
        elif fault == "full":
            await server.fill()
        elif fault == "crowded":
            await server.crowd()
        elif fault in WEATHER:
            await self.far_side(where).change(fault)
        elif fault not in ("refused", "restarted", "killed", "evicting"):
            await self.outages.step_lie(fault)

    def far_side(self, where):
        return self.bed.wire if where == "wire" else self.bed.network

    async def end_fault(self):
        """memcached and network are as they were, and nothing is stored."""
        server = self.bed.servers[0]
        server.disperse()
        if server.options != self.usual_options:
            server.options = self.usual_options
            await server.kill()
        if server.process is None:
            await server.start()
        server.resume()
        await server.flush()
        await self.bed.network.change("calm")
        await self.bed.wire.change("calm")
        await self.outages.step_lie("truth")

    async def ask(self, uri, seen):
        answer = await asyncio.wait_for(request(self.bed.port, "GET", uri), PATIENCE)
        asked = Request("GET", uri, [])
        fills = range(self.bed.origin.counts.get(asked.path, 0), 0, -1)
        pages = [body_of(asked, number, 1) for number in fills]
        whole = len(answer.body) == int(answer.header("Content-Length") or -1)
        if answer.status != 200:
            seen.wrong.append(f"{uri}: {answer.status}")
        elif whole and answer.body not in pages:
            seen.wrong.append(f"{uri}: not what the origin sent, {answer.text()}")
        elif not whole and not ("/large" in uri and any(p.startswith(answer.body) for p in pages)):
            seen.wrong.append(f"{uri}: {len(answer.body)} bytes of {answer.headers}")
        self.answers_seen += 1
        seen.statuses[answer.header("X-Mcache")] += 1
        if time := re.match(r"\d+\.\d+", answer.header("X-Time") or ""):
            seen.longest = max(seen.longest, float(time[0]))
            seen.in_vain += answer.header("X-Mcache") == "DOWN" and float(time[0]) >= 0.8 * TIMEOUT
        return answer

    async def watch_timers(self, seen):
        """Lets nginx time out, again and again."""
        self.bed.origin.scripts["/late"] = lambda request, number: AsItIs(b"", "hold")

        async def watch(number):
            await asyncio.sleep(number * TIMEOUT / LATE)
            while True:
                answer = await request(self.bed.port, "GET", "/late")
                assert answer.status == 504, f"/late: {answer.status}"
                seen.late = max(seen.late, float(answer.header("X-Late")) - TIMEOUT)

        await asyncio.gather(*map(watch, range(LATE)))

    async def dropped(self, uris, seen):
        """Asks until memcached has dropped some pages for want of room."""
        before = seen.statuses["MISS"]

        async def enough():
            for uri in uris:
                await self.ask(uri, seen)
            return seen.statuses["MISS"] - before >= DROPPED

        await until(enough, "memcached drops nothing")

    def complaints(self):
        with open(self.bed.error_log, encoding="utf-8", errors="replace") as file:
            return sum("mcache: " in line for line in file)

    async def used(self, uri, seen):
        async def is_hit():
            return (await self.ask(uri, seen)).header("X-Mcache") == "HIT"

        await until(is_hit, f"{uri} is no HIT")

    def may_wait(self, where, fault, tries):
        """How many of the requests one after the other."""
        if fault == "latency":
            return PROBES if self.bed.network.longest > TIMEOUT / 3 else 0
        if fault == "loss":
            return 1 + self.bed.network.connects
        return 0 if fault in SPEECHLESS else tries

    async def step_cell(self, where, fault):
        loop = asyncio.get_running_loop()
        small = [f"/{where}/{fault}/{name}" for name in "abc"]
        pages = [*small, f"/{where}/{fault}/middle?size=60000", f"/{where}/{fault}/large?size=1300000"]
        new = [f"/{where}/{fault}/new{number}" for number in range(8)]
        seen = Seen()
        faults = seen.wrong
        for uri in pages:
            await self.used(uri, seen)
        seen.longest, probes = 0, MORE_PROBES.get(fault, PROBES)
        memory, lines, begun = self.nginx.resident(), self.complaints(), loop.time()
        beside = [asyncio.ensure_future(self.watch_timers(seen))]
        try:
            await self.begin_fault(where, fault)
            if fault == "evicting":
                beside.append(asyncio.ensure_future(self.bed.servers[0].press()))
            burst = [asyncio.ensure_future(self.ask(uri, seen)) for uri in pages * 2 + new]
            if fault == "killed":
                await asyncio.sleep(0)  # they are on their way
                await self.bed.servers[0].kill()
            await asyncio.gather(*burst)
            seen.in_vain = self.bed.network.connects = 0
            self.bed.network.longest = 0
            for number in range(probes):
                await self.ask(small[number % len(small)], seen)
            if fault == "evicting":
                await self.dropped(small, seen)
            hits = seen.statuses["HIT"]
            elapsed = loop.time() - begun
            # A server that greets and then fails is tried again: in an eighth of fail_timeout, then in
            # twice that, and at last once in fail_timeout. Each is a line when it goes and when it is back.
            tries = 4 + 2 * elapsed / FAIL_TIMEOUT
            may_wait = self.may_wait(where, fault, tries)
            memory, lines = self.nginx.resident() - memory, self.complaints() - lines
        finally:
            for task in beside:
                task.cancel()
            ended = await asyncio.gather(*beside, return_exceptions=True)
            faults += [repr(each) for each in ended if not isinstance(each, asyncio.CancelledError)]
            await self.end_fault()
        if seen.in_vain > may_wait:
            faults.append(f"{seen.in_vain} of {probes} requests waited in {elapsed:.1f} s")
        if seen.longest > 2 * TIMEOUT + GRACE + seen.late:
            faults.append(f"a wait of {seen.longest} s, nginx being {seen.late:.3f} s late")
        if lines > 2 * tries + 2:
            faults.append(f"{lines} lines in the log in {elapsed:.1f} s")
        if memory > MEMORY:
            faults.append(f"{memory} KB more memory")
        if fault == "latency" and hits <= len(pages):
            faults.append("no hits")
        for uri in pages:
            await self.used(uri, seen)
        self.faults_tried += 1
        return "; ".join(["right" if not faults else "wrong", *dict.fromkeys(faults)])

    async def step_cells(self):
        return f"{self.faults_tried} faults, {self.answers_seen} answers, {self.bed.wire}"
