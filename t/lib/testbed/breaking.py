"""Steps for backends that break off: at each point of a response, in each way, while others wait for the
page, and while an older one is there.

    break off(situation)    all points and ways at once, each at a page of its own: `right`, or what was
                            not
    breaks()                how many there were, and how many answers were looked at

The situations: `miss` and `large` (a page in parts), with others that wait; `brief`, where these wait for
less long than the backend is silent; an older page that has expired (`expired`; `stale` where
mcache_use_stale lets it stand in; `revalidate`), that is being refreshed in the background (`background`),
or that is fresh while a request asks for a new one (`bypass`).

Silence ends with proxy_read_timeout, which is short under /quick and long under /patient. The page's key
is what follows that.
"""

import asyncio
import time
from dataclasses import dataclass, field

from answers import AsItIs, http
from backends import Backends
from bed import Bed, Steps, until
from gate import Gate
from items import Items
from nginx import Nginx

# Where the answer ends: before a byte, in the header, behind it, in the body, before its last chunk.
POINTS = ("nothing", "header", "no-body", "body", "last-chunk")
WAYS = ("close", "reset", "hold")
OLDER = ("expired", "stale", "revalidate", "background", "bypass")
WAITERS = 3
FRESH_UNTIL_AT = 40  # in an entry, see envelope.h


@dataclass
class Break:
    situation: str
    point: str
    how: str
    older: bool
    gate: Gate = field(default_factory=Gate)

    def __post_init__(self):
        self.cut = self.cut_off()  # at once: nginx does not wait long for it

    @property
    def number(self):
        """Of the answer that breaks off, among the backend's to this path."""
        return 1 + self.older

    @property
    def path(self):
        return f"/{self.situation}/{self.point}-{self.how}"

    @property
    def uri(self):
        """Of the request that meets with it."""
        speed = "quick" if self.how == "hold" else "patient"
        return f"/{speed}{self.path}{'?fresh=1' if self.situation == 'bypass' else ''}"

    def page(self, number):
        line = f"{self.path} {number} ".encode()
        return line * ((1300000 if self.situation == "large" else 20000) // len(line))

    def fields(self):
        if self.situation == "background":
            return [b"Cache-Control: max-age=60, stale-while-revalidate=600"]
        return [b'ETag: "a"', b"Cache-Control: max-age=60"]

    def cut_off(self):
        page = self.page(self.number)
        if self.point == "last-chunk":
            chunks = b"%x\r\n%s\r\n" % (len(page), page)
            return http(*self.fields(), b"Transfer-Encoding: chunked", body=chunks, framed=False)
        if self.how == "oversize":
            return http(b"X-Pad: " + b"p" * 20000)
        whole = http(*self.fields(), body=page)
        ends = {"nothing": 0, "header": 60, "no-body": len(whole) - len(page)}
        return whole[: ends.get(self.point, len(whole) - len(page) // 2)]

    def answer(self, request, number):
        if number != self.number:
            return AsItIs(http(*self.fields(), body=self.page(number)))
        # Silence needs no gate. The others see to it that nobody finds the page broken off too early.
        gate = None if self.how == "hold" and self.situation != "brief" else self.gate
        return AsItIs(self.cut, "close" if self.how == "oversize" else self.how, gate)

    def wanted(self):
        """What the request that meets with it may get."""
        before_header = "504" if self.how == "hold" else "502"
        if self.situation in ("background", "stale"):
            before_header = "200"
        if self.situation == "background" or self.point in ("nothing", "header"):
            return [before_header]
        # On a busy machine the header may come so late that it counts as silence.
        return ["200 cut", before_header] if self.how == "hold" else ["200 cut"]

    def number_in(self, body):
        """Of the whole page that it is; None where it is none."""
        for number in range(1, 3 + 2 * WAITERS):
            if body == self.page(number):
                return number
        return None


@dataclass
class Breaking(Steps):
    bed: Bed
    nginx: Nginx
    items: Items
    backends: Backends

    def reset(self):
        self.broken_off = self.looked_at = 0

    async def look_at(self, uri):
        self.looked_at += 1
        return await self.backends.all_of(uri)

    async def make_older(self, each):
        """A page that has just expired."""
        await self.backends.all_of(f"/patient{each.path}")
        await self.items.step_stored(each.path)
        if each.situation == "bypass":
            return
        item = await self.bed.servers[0].get(each.path)
        past = int(time.time() - 5).to_bytes(8, "little")
        value = item.value[:FRESH_UNTIL_AT] + past + item.value[FRESH_UNTIL_AT + 8 :]
        assert await self.bed.servers[0].set(each.path, value, item.flags, item.ttl)

    async def arrived(self, breaks):
        async def all_there():
            return all(self.bed.origin.counts.get(each.path, 0) >= each.number for each in breaks)

        await until(all_there, "the backend is not asked")

    async def meet(self, each, first, waiting, faults):
        """The fault happens."""
        if each.situation == "brief":
            answers = await asyncio.gather(*waiting)  # while the backend is still silent
            if first.done():
                faults.append("it did not wait for the backend")
            each.gate.opened.set()
        else:
            each.gate.opened.set()
            answers = await asyncio.gather(*waiting)
        got = await first
        if str(got) not in each.wanted():
            faults.append(f"{got} in place of {each.wanted()}")
        if got.whole and got.kind == "200" and each.number_in(got.body) != 1:
            faults.append("it got another page")
        for answer in answers:
            late = answer.said(b"x-reason") == "lock-timeout" and each.situation != "brief"
            if str(answer) != "200" or each.number_in(answer.body) in (None, 1) or late:
                faults.append(f"who waited got {answer}, {answer.said(b'x-reason')}")

    async def look_after(self, each, faults):
        await self.items.step_settled()
        item = await self.items.find(each.path)
        if each.older and (item is None or not item.value.endswith(each.page(1))):
            faults.append("the older page is gone")
        answer = await self.look_at(f"/patient{each.path}")
        if str(answer) != "200" or each.number_in(answer.body) is None:
            faults.append(f"the next got {answer}")

        async def is_hit():
            answer = await self.look_at(f"/patient{each.path}")
            number = each.number_in(answer.body)
            if number is None or number == each.number:
                raise RuntimeError(f"{each.path}: then {answer}, the page {number}")
            return answer.said(b"x-mcache") == "HIT"

        await until(is_hit, f"{each.path} is no HIT")

    async def step_break_off(self, situation):
        older = situation in OLDER
        ways = [(point, how) for point in POINTS for how in WAYS] + [("header", "oversize")]
        if situation == "brief":
            ways = [(point, "reset") for point in POINTS]
        breaks = [Break(situation, point, how, older) for point, how in ways]
        faults = {each.path: [] for each in breaks}
        for each in breaks:
            self.bed.origin.scripts[each.path] = each.answer
        if older:
            await asyncio.gather(*map(self.make_older, breaks))
        firsts = [asyncio.ensure_future(self.look_at(each.uri)) for each in breaks]
        await self.arrived(breaks)
        waiting = [[] for _ in breaks]
        if not older:
            uris = [f"/patient{each.path}" for each in breaks] * WAITERS
            tasks = await self.nginx.begin(uris, ask=self.look_at)
            waiting = [tasks[at :: len(breaks)] for at in range(len(breaks))]
        await asyncio.gather(*(
            self.meet(each, first, others, faults[each.path])
            for each, first, others in zip(breaks, firsts, waiting)
        ))  # fmt: skip
        await asyncio.gather(*(self.look_after(each, faults[each.path]) for each in breaks))
        self.broken_off += len(breaks)
        wrong = [f"{path}: {'; '.join(dict.fromkeys(each))}" for path, each in faults.items() if each]
        return "\n".join(wrong) or "right"

    async def step_breaks(self):
        return f"{self.broken_off} breaks, {self.looked_at} answers"
