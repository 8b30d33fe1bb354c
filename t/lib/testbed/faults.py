"""Steps for the fault matrix: a fault of memcached's, or of the network to it, begins under requests
and ends again, and each answer is looked at.

    cell(where, fault)  "right", or what was not: a wrong or missing page; requests that wait although
                        the fault is known; memory; lines in the log; a memcached that is not used again
    cells()             how many faults there were, and how many answers were looked at

Pages under /WHERE go to memcached itself (direct), through a liar (lied, and classic for the classic
protocol) or over a network (far). Their pools have the timeouts below; the header X-Time is
$mcache_lookup_time.
"""

import asyncio
import re
from collections import Counter

from client import request
from network import WEATHER
from origin import Request, body_of

TIMEOUT = 0.3  # seconds, connect_timeout and timeout of the pools
FAIL_TIMEOUT = 1.0
PATIENCE = 15.0  # of one client; it is only to tell late from never
PROBES = 24  # requests one after the other, while the fault lasts
MEMORY = 64 * 1024  # KB that the worker may need more under a fault

# These slow memcached down without ending it: each request may wait.
SLOW = ("latency", "loss")


class Faults:
    """A part of Control."""

    def reset_faults(self):
        self.faults_tried = self.answers_seen = 0
        self.network.weather = "calm"

    async def begin_fault(self, fault):
        server = self.servers[0]
        if fault in ("refused", "restarted", "stopped-cold", "crowded"):
            await server.kill()
        if fault in ("restarted", "stopped-cold", "crowded"):
            await server.start()
        if fault in ("stopped", "stopped-cold"):
            server.stop()
        elif fault == "full":
            await server.fill()
        elif fault == "crowded":
            await server.crowd()
        elif fault in WEATHER:
            self.network.weather = fault
        elif fault not in ("refused", "restarted", "killed"):
            await self.step_lie(fault)

    async def end_fault(self, fault):
        """memcached and network are as they were, and nothing is stored."""
        server = self.servers[0]
        server.disperse()
        if server.process is None:
            await server.start()
        server.resume()
        await server.flush()
        self.network.weather = "calm"
        await self.step_lie("truth")

    async def ask(self, uri, seen):
        answer = await asyncio.wait_for(request(self.options.nginx_port, "GET", uri), PATIENCE)
        asked = Request("GET", uri, [])
        fills = range(self.origin.counts.get(asked.path, 0), 0, -1)
        pages = [body_of(asked, number, 1) for number in fills]
        whole = len(answer.body) == int(answer.header("Content-Length") or -1)
        if answer.status != 200:
            seen["wrong"].append(f"{uri}: {answer.status}")
        elif whole and answer.body not in pages:
            seen["wrong"].append(f"{uri}: not what the origin sent, {answer.text()}")
        elif not whole and not ("/large" in uri and any(p.startswith(answer.body) for p in pages)):
            seen["wrong"].append(f"{uri}: {len(answer.body)} bytes of {answer.headers}")
        self.answers_seen += 1
        seen["count"][answer.header("X-Mcache")] += 1
        waited = re.match(r"\d+\.\d+", answer.header("X-Time") or "")
        in_vain = waited is not None and answer.header("X-Mcache") == "DOWN"
        seen["waited"] += in_vain and float(waited[0]) >= 0.8 * TIMEOUT
        return answer

    def resident(self):
        total = 0
        for worker in self.children(self.master()):
            with open(f"/proc/{worker}/status", encoding="ascii") as file:
                total += int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        return total

    def complaints(self):
        with open(self.options.error_log, encoding="utf-8", errors="replace") as file:
            return sum("mcache: " in line for line in file)

    async def used(self, uri, seen):
        async def is_hit():
            return (await self.ask(uri, seen)).header("X-Mcache") == "HIT"

        await self.until(is_hit, f"{uri} is no HIT")

    async def step_cell(self, where, fault):
        loop = asyncio.get_running_loop()
        small = [f"/{where}/{fault}/{name}" for name in "abc"]
        pages = [*small, f"/{where}/{fault}/middle?size=60000", f"/{where}/{fault}/large?size=1300000"]
        new = [f"/{where}/{fault}/new{number}" for number in range(8)]
        seen = {"wrong": [], "count": Counter(), "waited": 0}
        for uri in pages:
            await self.used(uri, seen)
        memory, lines, begun = self.resident(), self.complaints(), loop.time()
        await self.begin_fault(fault)
        try:
            burst = [asyncio.ensure_future(self.ask(uri, seen)) for uri in pages * 2 + new]
            if fault == "killed":
                await asyncio.sleep(0)  # they are on their way
                await self.servers[0].kill()
            await asyncio.gather(*burst)
            seen["waited"] = 0
            for number in range(PROBES):
                await self.ask(small[number % len(small)], seen)
            hits = seen["count"]["HIT"]
            elapsed = loop.time() - begun
            memory, lines = self.resident() - memory, self.complaints() - lines
        finally:
            await self.end_fault(fault)
        faults = seen["wrong"]
        # A server that greets and then fails is tried again: in an eighth of fail_timeout, then in
        # twice that, and at last once in fail_timeout. Each is a line when it goes and when it is back.
        tries = 4 + 2 * elapsed / FAIL_TIMEOUT
        if seen["waited"] > tries and fault not in SLOW:
            faults.append(f"{seen['waited']} of {PROBES} requests waited in {elapsed:.1f} s")
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
        return f"{self.faults_tried} faults, {self.answers_seen} answers"
