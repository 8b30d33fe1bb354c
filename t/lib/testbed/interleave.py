"""Steps for what happens while the origin works: a request stands at a gate until the test opens it.

    gate=NAME       the origin has taken the request, and its answer is as of now; it is sent when
                    the gate is opened
    halfway=NAME    the header and half of the body are sent, the rest when the gate is opened
    versioned=1     the body is "PATH version V\\n", as of when the origin took the request
"""

import asyncio
import os
import re
from dataclasses import dataclass, field

from asking import Asking
from bed import Bed, Steps, until
from client import request
from items import Items
from nginx import Nginx


@dataclass
class Interleaving(Steps):
    bed: Bed
    nginx: Nginx
    items: Items
    asking: Asking
    begun: dict = field(default_factory=dict)

    def reset(self):
        for task in self.begun.values():
            task.cancel()
        self.begun = {}
        self.bed.origin.open_gates()

    def start(self, name, uri, method="GET"):
        header = asyncio.Event()
        self.begun[name] = asyncio.ensure_future(
            request(self.bed.port, method, uri, (), on_header=header.set)
        )
        self.begun[name].add_done_callback(lambda task: task.cancelled() or task.exception())
        return header

    async def step_begin(self, name, uri):
        """A request that is under way: it has arrived at its gate, halfway with its header sent."""
        gate = re.search(r"(gate|halfway)=(\w+)", uri)
        before = self.bed.origin.gate(gate[2]).arrivals
        header = self.start(name, uri)

        async def arrived():
            if self.begun[name].done():
                raise RuntimeError(f"ended early: {self.begun[name].result()}")
            there = self.bed.origin.gate(gate[2]).arrivals > before
            return there and (gate[1] == "gate" or header.is_set())

        await until(arrived, f"{uri} did not arrive at its gate")
        return "begun"

    async def step_send(self, name, uri):
        """A request that nginx has begun on, and no more is known of it."""
        before = await self.nginx.started()
        self.start(name, uri)
        polls = iter(range(1, 1 << 30))

        async def begun():
            return await self.nginx.started() - before - next(polls) >= 1

        await until(begun, "nginx did not begin on the request")
        return "sent"

    async def step_send_each(self, n):
        """The requests 1 to N, for /1 to /N, one after the other."""
        for number in range(1, int(n) + 1):
            await self.step_send(str(number), f"/{number}")
        return "sent"

    async def step_open(self, gate):
        self.bed.origin.gate(gate).opened.set()
        return "opened"

    async def step_arrivals(self, gate, n):
        """Waits until so many requests stand, or stood, at the gate."""

        async def arrived():
            return self.bed.origin.gate(gate).arrivals >= int(n)

        await until(arrived, f"{self.bed.origin.gate(gate).arrivals} arrived at {gate}")
        return n

    async def step_streams(self, n):
        """Waits until the origin sends so many responses that have no end."""

        async def sends():
            return self.bed.origin.streams == int(n)

        await until(sends, f"the origin sends {self.bed.origin.streams}")
        return n

    async def lookups(self):
        return int((await self.bed.servers[0].stats())["cmd_get"])

    async def step_waits(self):
        """A request waits for another's page: it looks again and again."""
        before = await self.lookups()

        async def looked():
            return await self.lookups() >= before + 5

        await until(looked, "nobody waits")
        return "waits"

    async def step_end(self, name):
        """What came of a request that was begun."""
        answer = await asyncio.wait_for(self.begun.pop(name), 10)
        return f"{answer.status} {answer.header('X-Mcache') or '-'} {answer.text()}"

    async def step_leave(self, name):
        """The client resets its connection."""
        task = self.begun.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return "left"

    async def step_halved(self):
        """Waits until the first half of a value has been sent; see liar.py."""

        async def halved():
            return self.bed.halved()

        await until(halved, "no value was sent")
        return "halved"

    async def step_publish(self, path):
        """The origin's page changes."""
        self.bed.origin.versions[path] = self.bed.origin.versions.get(path, 1) + 1
        return self.bed.origin.versions[path]

    # The race matrix: an entry that is cold or stale, a purge, a soft one, or the application's own
    # write at each moment of a fill, and what those who come later see.

    async def happen(self, event, path):
        await self.step_publish(path)
        key = path
        if event == "purge":
            await self.items.step_delete(key)
        elif event == "soft":
            await self.items.step_mark_stale(key)
        else:
            await self.items.step_set(key, "written")

    async def seen(self, path):
        return (await self.nginx.get(f"{path}?versioned=1")).text()

    async def race(self, number, event, moment, entry, meanwhile):
        path = f"/race/{number}"
        late = {"written" if event == "write" else f"{path} version 2"}
        at_once = late | {f"{path} version 1"} if event == "soft" else late
        what = f"{event} {moment} {entry} {meanwhile}"
        if entry == "stale":
            uri = f"{path}?versioned=1&h=X-Accel-Expires:1"
            assert (await self.nginx.get(uri)).text() == f"{path} version 1"
            await self.asking.step_status("EXPIRED|STALE", f"/expiry{path}")
        if moment == "before":
            await self.happen(event, path)
        stop = {"working": "gate", "halfway": "halfway"}.get(moment)
        # So large that nginx passes its first half on before it has the second.
        size = 30000 if moment == "halfway" else 0
        filling = f"{path}?versioned=1&h=X-Accel-Expires:600&size={size}"
        if stop is None:
            await self.nginx.get(filling)
            await until(lambda: self.fresh(path), f"{what}: not stored")
        else:
            gate = f"race{number}"
            await self.step_begin(gate, f"{filling}&{stop}={gate}")
            await self.happen(event, path)
            if meanwhile == "asked":
                got = {await self.seen(path)}
                assert got <= at_once, f"{what}: meanwhile {got}"
            await self.step_open(gate)
            await self.step_end(gate)
            await self.items.step_settled()
        if moment == "after":
            await self.happen(event, path)
        if event == "soft":  # the old page may be served while it is refreshed

            async def refreshed():
                answer = await self.nginx.get(f"{path}?versioned=1&h=X-Accel-Expires:600")
                return {answer.text()} == late

            await until(refreshed, f"{what}: never refreshed")
        for _ in range(2):
            got = {await self.seen(path)}
            assert got == late, f"{what}: later {got}"
            await self.items.step_settled()

    async def fresh(self, path):
        return (await self.nginx.get(f"/expiry{path}")).header("X-Mcache") == "HIT"

    async def step_race(self):
        """The cells that went wrong, a line each, and how many there are."""
        # The classic protocol does not say that an item was marked stale.
        marks = () if os.environ.get("MCACHE_TEST_SERVER") else ("soft",)
        cells = [
            (event, moment, entry, meanwhile)
            for event in ("purge", *marks, "write")
            for moment in ("before", "working", "halfway", "after")
            for entry in ("cold", "stale")
            for meanwhile in (("alone", "asked") if moment in ("working", "halfway") else ("alone",))
        ]
        outcomes = await asyncio.gather(
            *(self.race(number, *cell) for number, cell in enumerate(cells)),
            return_exceptions=True,
        )
        wrong = [str(outcome) for outcome in outcomes if outcome is not None]
        return "\n".join([*wrong, f"{len(cells) - len(wrong)} of {len(cells)} cells"])
