"""Steps for clients that leave, at each step of a request's journey and in each way (visitors.py).

    depart(at, port)    "left WAYS", or what went wrong: the next client did not get the page, a fill did
                        not go on, nginx kept something of who left, or complained
    departures()        how many left

Pages are /AT/WAY; their location says what AT needs. HTTP/2 is at `port`. What happens at AT is a method
below: it brings the visitor to where he leaves, yields, and then lets go on what he waited for.
"""

import asyncio
import itertools
import os
import re
from dataclasses import dataclass

from bed import Bed, Steps, until
from interleave import Interleaving
from items import Items
from large import LargeBodies
from nginx import Nginx
from outages import Outages
from visitors import WAYS

PATIENCE = 20.0  # only to tell late from never; mcache_lock_timeout is longer

SIZES = {"body": 900000, "hit": 900000, "storing": 900000, **dict.fromkeys(("parts", "part", "turn"), 8000000)}
# What the next client gets, where it is not a hit of the first fill.
NEXT = {"cold": ("MISS", 1), "upload": ("MISS", 1), "purge": ("MISS", 2), "refresh": ("HIT", 2)}
# Where who closes his sending half gets no whole answer, as without a cache: nginx waits for him to take more
# of it, or to send the rest of his body.
CUT = {"hit", "parts", "part", "turn", "upload"}
MORE = {"vary": "&h=Vary:X-Kind", "variants": "&h=Vary:X-Kind", "revalidation": "&etag=v"}


class Cell:
    def __init__(self, at, way):
        self.at = at
        self.way = way
        self.path = f"/{at}/{way}"
        self.size = SIZES.get(at, 2000)
        self.uri = f"{self.path}?size={self.size}{MORE.get(at, '')}"
        self.gate = f"{at}{way}"
        self.visitor = WAYS[way](way) if way in WAYS else None


@dataclass
class Departures(Steps):
    bed: Bed
    nginx: Nginx
    items: Items
    outages: Outages
    gates: Interleaving
    large: LargeBodies

    def reset(self):
        self.departed = 0

    # ---- the visitor comes

    async def come(self, cell, more="", method="GET", headers=()):
        """nginx has begun on his request."""
        self.before_him = await self.nginx.writing()
        before, polls = await self.nginx.started(), itertools.count(1)
        await self.call(cell, more, method, headers)

        async def begun():
            return await self.nginx.started() - before - next(polls) >= 1

        await until(begun, "nginx did not begin on the request")

    async def call(self, cell, more="", method="GET", headers=()):
        await cell.visitor.connect(self.http2_port if cell.way in ("stream", "gone") else self.bed.port)
        await cell.visitor.send(method, cell.uri + more, headers)

    async def come_to_gate(self, cell, kind="gate"):
        """The backend has his request; with `halfway` he has the header."""
        await self.call(cell, f"&{kind}={cell.gate}")
        await self.gates.step_arrivals(cell.gate, 1)
        if kind == "halfway":
            await cell.visitor.header()

    async def bring(self, cell):
        """His page is in memcached."""
        assert (await self.nginx.get(cell.uri)).status == 200
        await self.items.step_stored(cell.path)

    async def noticed(self, cell):
        """nginx has seen that he left, where that can be told from a client that waits for its answer.
        (Where it goes on for others it need not.)"""

        async def gone():
            return await self.nginx.writing() == self.before_him

        if cell.way in ("close", "half"):
            assert not await gone(), "nginx took the end of what he sends for his leave"
        else:
            await until(gone, "nginx did not notice")

    # ---- where he leaves

    async def at_lookup(self, cell):
        """memcached has not answered yet, which has the page."""
        await self.bring(cell)
        self.bed.servers[0].stop()
        await self.come(cell)
        yield
        await self.noticed(cell)
        self.bed.servers[0].resume()

    async def at_local(self, cell):
        """nginx has the page in memory, and memcached has not said yet that it still stands."""
        for _ in range(3):
            await self.bring(cell)
        async for _ in self.at_lookup(cell):
            yield

    async def at_variants(self, cell):
        """Neither has the index come nor the variant that it led to before; memcached has both."""
        async for _ in self.at_lookup(cell):
            yield

    async def at_cold(self, cell):
        """Nor has it, and it has no page; what comes is the lease to make it."""
        self.bed.servers[0].stop()
        await self.come(cell)
        yield
        await self.noticed(cell)
        self.bed.servers[0].resume()

    async def at_value(self, cell):
        """Half of the page has come from memcached."""
        await self.bring(cell)
        await self.outages.step_lie("halved")
        await self.come(cell)
        await self.gates.step_halved()
        yield
        await self.noticed(cell)
        await self.outages.step_lie("truth")

    async def at_vary(self, cell):
        """The index has come, and what lies there of the variant has not."""
        await self.bring(cell)
        await self.outages.step_lie("late")
        await self.come(cell, headers=[("X-Kind", "another")])
        yield
        await self.noticed(cell)
        await self.outages.step_lie("truth")

    async def at_owner(self, cell):
        """He is the one to fetch the page, and another waits for it."""
        await self.come_to_gate(cell)
        await self.gates.step_send(cell.path, cell.uri)
        yield
        await self.gates.step_open(cell.gate)
        said = await self.gates.step_end(cell.path)
        assert said == "200 HIT (2000 bytes)", f"who waited got {said}"

    async def at_waiter(self, cell):
        """Another fetches the page, and he waits for it."""
        await self.gates.step_begin(cell.path, f"{cell.uri}&gate={cell.gate}")
        await self.come(cell)
        yield
        await self.noticed(cell)
        await self.gates.step_open(cell.gate)
        said = await self.gates.step_end(cell.path)
        assert said == "200 MISS (2000 bytes)", f"who fetched it got {said}"

    async def at_backend(self, cell):
        """The backend has not answered yet."""
        await self.come_to_gate(cell)
        yield
        await self.gates.step_open(cell.gate)
        await self.items.step_stored(cell.path)

    async def at_body(self, cell):
        """He has the header, and half of the body has come from the backend."""
        await self.come_to_gate(cell, "halfway")
        yield
        await self.gates.step_open(cell.gate)
        await self.items.step_stored(cell.path)

    async def at_storing(self, cell):
        """The same, while memcached acknowledges none of the parts that it is sent."""
        await self.come_to_gate(cell, "halfway")
        await self.outages.step_lie("late")
        yield
        await self.gates.step_open(cell.gate)
        await self.outages.step_lie("truth")
        await self.items.step_stored(cell.path)

    async def at_stored(self, cell):
        """He has all, and memcached has not acknowledged it."""
        await self.come_to_gate(cell)
        await self.outages.step_lie("late")
        await self.gates.step_open(cell.gate)
        await cell.visitor.header()
        await cell.visitor.take()
        yield
        await self.outages.step_lie("truth")
        await self.items.step_stored(cell.path)

    async def at_hit(self, cell):
        """Of a hit of one value he has the begin."""
        await self.bring(cell)
        await self.come(cell, headers=[("X-Pace", "64k")])
        await cell.visitor.header()
        assert await self.nginx.writing() > self.before_him, "it is all sent"
        yield

    async def at_parts(self, cell):
        """Of a page in parts he has the begin."""
        await self.bring(cell)
        await self.come(cell)
        await cell.visitor.header()
        await cell.visitor.take(50000)
        assert await self.nginx.writing() > self.before_him, "it is all sent"
        yield

    async def at_turn(self, cell):
        """All memory for large pages is another's, who is slow."""
        await self.bring(cell)
        await self.large.step_slow(cell.path, cell.uri)
        await self.come(cell)
        yield
        await self.noticed(cell)
        await self.large.step_turn_away(cell.path)

    async def at_part(self, cell):
        """He has what came so far, and half of the next part has come from memcached."""
        await self.bring(cell)
        await self.come(cell)
        await cell.visitor.header()
        await self.outages.step_lie("halved")

        async def halved():
            await cell.visitor.take(10000)
            return self.bed.halved()

        await until(halved, "no half part")
        yield
        await self.outages.step_lie("truth")

    async def at_refresh(self, cell):
        """He has the stale page, and it is being fetched anew behind him."""
        await self.come(cell, f"&gate={cell.gate}")
        await self.gates.step_arrivals(cell.gate, 1)
        await cell.visitor.header()
        yield
        await self.gates.step_open(cell.gate)
        await until(lambda: self.gates.fresh(cell.path), f"{cell.path} is not refreshed")

    async def at_revalidation(self, cell):
        """The backend is asked whether the stale page still stands."""
        await self.come_to_gate(cell)
        yield
        await self.gates.step_open(cell.gate)
        await until(lambda: self.gates.fresh(cell.path), f"{cell.path} is not revalidated")

    async def at_purge(self, cell):
        """memcached has not answered his purge yet."""
        await self.bring(cell)
        self.bed.servers[0].stop()
        await self.come(cell, method="PURGE")
        yield
        await self.noticed(cell)
        self.bed.servers[0].resume()
        await self.items.step_gone(cell.path)

    async def at_upload(self, cell):
        """He has sent half of a body."""
        await self.come(cell, method="POST", headers=[("Content-Length", "2000")])
        await cell.visitor.send_data(b"x" * 1000)
        yield

    # ---- what is left of him

    def complaints_since(self, begin):
        with open(self.bed.error_log, encoding="utf-8", errors="replace") as file:
            file.seek(begin)
            return [line for line in file if re.search(r"\[(error|crit|alert|emerg)\]", line)]

    async def let_grow_stale(self, cells):
        old = "&h=X-Accel-Expires:1"
        for cell in cells:
            assert (await self.nginx.get(cell.uri + old)).status == 200

        async def stale():
            return not any([await self.gates.fresh(cell.path) for cell in cells])

        await until(stale, "a page does not grow stale")

    async def depart(self, cell):
        at = getattr(self, f"at_{cell.at}")(cell)
        before = await self.nginx.held_now()
        await anext(at)
        await cell.visitor.leave()
        async for _ in at:
            pass
        rest = await cell.visitor.rest()
        cell.visitor.close()
        if cell.way == "half" and cell.at not in CUT:
            said = self.large.verdict(cell.uri, rest, True) if rest is not None else "no answer"
            wanted = r"204 .*" if cell.at == "purge" else r"200 \w+ \d+ bytes, of fill \d"
            assert re.fullmatch(wanted, said), f"he himself got {said}"
        await self.nginx.back_to(before)
        said = await asyncio.wait_for(self.large.step_whole(cell.uri), PATIENCE)
        status, fill = NEXT.get(cell.at, ("HIT", 1))
        if cell.at == "cold" and cell.way in ("close", "half"):
            status = "HIT"
        wanted = f"200 {status} {cell.size} bytes, of fill {fill}"
        assert said == wanted, f"the next got {said}, not {wanted}"
        self.departed += 1

    async def step_depart(self, at, port):
        self.http2_port = int(port)
        log = os.path.getsize(self.bed.error_log)
        cells = [Cell(at, way) for way in WAYS]
        if at in ("refresh", "revalidation"):
            await self.let_grow_stale(cells)
        await self.outages.step_lie("truth")
        warm = Cell(at, "warm")  # nginx opens the connections to memcached that it will need
        for _ in range(3):
            await self.bring(warm)
        for cell in cells:
            try:
                await asyncio.wait_for(self.depart(cell), 3 * PATIENCE)
            except Exception as wrong:
                self.bed.servers[0].resume()
                raise RuntimeError(f"{at} {cell.way}: {type(wrong).__name__} {wrong}") from wrong
        complaints = self.complaints_since(log)
        assert not complaints, f"{at}: {complaints}"
        return f"left: {', '.join(WAYS)}"

    async def step_departures(self):
        return self.departed
