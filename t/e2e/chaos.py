#!/usr/bin/python3
"""A cluster that is never whole, under a steady load: memcacheds are killed, stopped, restarted
empty, flushed, filled up, put into the pool and taken out of it, and nginx is reloaded. Two nginx
with two workers each serve small and large pages, with and without variants, while these change and
are purged. Each response is checked: it came, it is whole, it is what the origin has published under
this URL, and no purge that was acknowledged before has ended it (purge_model.py). A memcached that is
back must be used again.

    t/e2e/chaos.py                        for 15 seconds; t/e2e/tests/test_chaos.py does so
    scripts/soak 30                       for 30 minutes, see --steady
    t/e2e/chaos.py --seed 4711            the same choices again; the timing is another
    t/e2e/chaos.py --events kill,stop     only these
    t/e2e/chaos.py --pool 'lines;'        in a pool with these lines
    t/e2e/chaos.py --server 'lines;'      with these lines in the server block
    t/e2e/chaos.py --drop 0.1             a tenth of the purges is not sent: must fail

The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/."""

import argparse
import asyncio
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from purge_model import PAGES, Model, Purge, tags_of  # noqa: E402
from purges import HTTP, LOCATIONS, Means, NotAcknowledged, Play, Troubles  # noqa: E402
from stack import stop_on_signals  # noqa: E402
from stack.costs import Costs  # noqa: E402
from stack.fleet import Reply  # noqa: E402
from stack.grid import Grid, in_thread  # noqa: E402
from stack.page_body import BLOCK, PageBody, read_body  # noqa: E402

PROCESSES = 5
MEMBERS = 3
FAIL_TIMEOUT = 1
PATIENCE = 60  # seconds, for one answer and for a server to be used again: nothing waits so long

SIZES = (200, 3000, 20000)
LARGE_SIZES = (70_000, 200_000, 500_000)
# Smaller than memcached's, so that pages of some 100 KB are stored in parts.
POOL = "max_item_size 64k;"
MORE_LOCATIONS = """
        mcache_max_size 4m;
        add_header X-Server $mcache_server always;
        location /probe/ { mcache_valid 1h; proxy_pass http://origin; }
"""


class Chaos(Play):
    """seconds   how long
    pool      further lines of mcache_pool
    server    further lines of the server block
    events    which of EVENTS
    pause     mean seconds between two of them
    rest      seconds that a client rests between two rounds of some requests
    steady    from the first third on the pool stays as it is, and one nginx is reloaded each minute
              while the other one is not, so that its workers grow old
    after it  `seen` counts, `failed` and `wrong` have texts, `recoveries` seconds"""

    pages = [*PAGES, *(f"/large/{number}" for number in range(6))]

    fleet_options = {}
    CHANGES = ("add", "remove", "swap", "reload")
    EVENTS = ("kill", "blink", "stop", "flush", "fill_memory", *CHANGES)

    def __init__(self, seconds, seed, drop=0.0, parallel=8, pool="", server="", events=EVENTS,
                 pause=0.4, rest=0.02, steady=False):
        super().__init__(0, seed, drop, parallel)
        self.limit = seconds
        self.pool = POOL + pool
        self.locations = LOCATIONS + MORE_LOCATIONS + server
        self.events = events
        self.pause = pause
        self.rest = rest
        self.steady = steady
        self.began = time.monotonic()
        self.model = Model(self.pages, history=200_000)
        self.failed = []
        self.broken_off = []  # large pages of which a part was lost
        self.recoveries = []
        self.fills = 0
        self.busy = set()  # memcacheds that something befalls
        self.running = set()  # events under way
        self.costs = None

    # ---- the origin

    async def behave(self, asked):
        if asked.path.startswith("/probe/"):
            return Reply(body=asked.path.encode())
        page = asked.path
        if page not in self.model.version:
            self.model.fail(page, "a purge reached the origin")
            return Reply(500)
        version = self.model.version[page]
        headers = [("Cache-Tag", ", ".join(tags_of(page, version))), ("ETag", f'"{version}"'),
                   ("X-Accel-Expires", self.chance.choice(("1", "600", "600", "600")))]
        if page.startswith("/vary/"):
            headers.append(("Vary", "X-Kind"))
        self.model.note(f"origin was asked by worker {asked.headers['x-worker']}: "
                        f"version {version}", [page])
        await asyncio.sleep(self.chance.choice((0, 0.001, 0.005, 0.03)))
        if asked.headers.get("if-none-match") == f'"{version}"':
            self.seen["origin 304"] += 1
            return Reply(304, tuple(headers))
        self.fills += 1
        size = self.chance.choice(LARGE_SIZES if page.startswith("/large/") else SIZES)
        kind = asked.headers.get("x-kind", "-")
        return Reply(200, tuple(headers), PageBody(page, version, kind, self.fills, size).render())

    # ---- clients

    async def get(self, page):
        node, kind = self.chance.randrange(2), self.chance.choice("ab")
        headers, at = [("X-Kind", kind)], 0
        if page.startswith("/large/") and self.chance.random() < 0.3:
            at = self.chance.randrange(min(LARGE_SIZES) - 2 * BLOCK)
            headers.append(("Range", f"bytes={at}-{at + self.chance.randrange(2 * BLOCK, 90_000)}"))
        began = self.model.begin(page, node)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.fleet.get(node, page, headers)
        except (OSError, EOFError, TimeoutError) as error:
            self.fail(page, f"GET of {began} from node {node}: {error!r}")
            return
        self.seen[f"{answer.cache}"] += 1
        self.check(page, kind, began, at, answer)

    def check(self, page, kind, began, at, answer):
        what = f"GET of {began}, {answer.cache} by worker {answer.worker} of node {answer.node}"
        if answer.status not in (200, 206):
            self.fail(page, f"{what}: status {answer.status}, {answer.headers}")
            return
        length = int(answer.headers["content-length"])
        if len(answer.body) != length:
            if page.startswith("/large/"):
                self.broken_off.append(f"{page}: {what}: {len(answer.body)} of {length} bytes")
            else:
                self.fail(page, f"{what}: {len(answer.body)} of {length} bytes")
            return
        try:
            body = read_body(answer.body, at if answer.status == 206 else 0)
        except ValueError as error:
            self.model.fail(page, f"{what}: {error}")
            return
        self.seen["ranges"] += answer.status == 206
        self.seen["responses checked"] += 1
        if answer.status == 200 and body.size != length:
            self.model.fail(page, f"{what}: {length} bytes of {body.text}")
        if body.page != page or (page.startswith("/vary/") and body.kind != kind):
            self.model.fail(page, f"{what}: the page of {body.text}")
        self.model.answer(page, began, body.version, answer.cache, answer.worker)

    def fail(self, page, text):
        self.seen["failed"] += 1
        self.model.note(text, [page])
        self.failed.append(f"{page}: {text}\n{self.model.story(page, self.model.now(), 40)}"
                           if not self.failed else f"{page}: {text}")

    async def send(self, purge, means):
        """A purge while the nginx servers disagree on the servers is not one of the whole fleet."""
        changes = self.fleet.changes
        await super().send(purge, means)
        if self.fleet.changing or self.fleet.changes != changes:
            raise NotAcknowledged("the pool was changed meanwhile")

    def rounds_until_over(self):
        while not self.over:
            self.rounds += 1
            yield self.rounds

    async def play(self, rounds):
        for number in rounds:
            await super().play([number])
            await asyncio.sleep(self.rest)

    # ---- what befalls

    async def trouble(self):
        while self.events and not self.over:
            await asyncio.sleep(self.chance.random() * 2 * self.pause)
            name = self.chance.choice(self.events)
            if name in self.CHANGES and self.is_steady():
                continue
            event = asyncio.ensure_future(getattr(self, name)())
            self.running.add(event)
            event.add_done_callback(self.event_ended)
            if len(self.running) > 2:
                await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*self.running, return_exceptions=True)

    def event_ended(self, event):
        self.running.discard(event)
        if not event.cancelled() and event.exception() is not None:
            self.failed.append(f"an event went wrong, the run ends: {event.exception()!r}")
            self.over = True

    def is_steady(self):
        return self.steady and time.monotonic() - self.began > self.limit / 3

    def some_member(self):
        free = [each for each in self.fleet.members if each not in self.busy]
        return self.chance.choice(free) if free else None

    async def befall(self, name, action):
        """One event on a member that has no other, and what must follow: it is used again."""
        memcached = self.some_member()
        if memcached is None or len(self.busy) == 2:
            return
        self.busy.add(memcached)
        try:
            self.model.note(f"memcached {memcached.address}: {name}")
            await action(memcached)
            self.model.note(f"memcached {memcached.address}: {name} is over")
            self.seen[name] += 1
            await self.recovery(memcached, name)
        finally:
            self.busy.discard(memcached)

    async def down(self, memcached, longest):
        memcached.kill()
        await asyncio.sleep(self.chance.random() * longest)
        await in_thread(memcached.start)

    async def kill(self):
        await self.befall("kill", lambda memcached: self.down(memcached, 1.5))

    async def blink(self):
        await self.befall("blink", lambda memcached: self.down(memcached, 0))

    async def stop(self):
        async def stop_for_a_while(memcached):
            memcached.pause()
            await asyncio.sleep(self.chance.random() * 1.5)
            memcached.resume()

        await self.befall("stop", stop_for_a_while)

    async def flush(self):
        await self.befall("flush", self.troubles.flush)

    async def fill_memory(self):
        await self.befall("fill_memory", self.troubles.fill_memory)

    async def recovery(self, memcached, name):
        """Waits until both nodes have hits from it."""
        since = time.monotonic()

        async def used_by(node):
            probe = 0
            while memcached in self.fleet.members:
                answer = await self.fleet.get(node, f"/probe/{probe}")
                if answer.status != 200 or answer.body != b"/probe/%d" % probe:
                    self.fail("/probe/", f"node {node}: {answer}")
                if answer.headers.get("x-server") != memcached.address:
                    probe = (probe + 1) % 100
                elif answer.cache == "HIT":
                    break
                else:
                    await asyncio.sleep(0.02)

        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(used_by(0), used_by(1))
        except TimeoutError:
            self.model.fail("/probe/", f"{memcached.address} is back from {name} and not used again "
                            f"after {PATIENCE} s")
        if name in ("kill", "blink", "stop"):
            self.recoveries.append(time.monotonic() - since)

    # ---- another pool

    async def change(self, name, leaver=None, comer=None):
        """As the README says it is to be done."""
        if self.fleet.changing:
            return
        self.busy |= {leaver, comer} - {None}
        try:
            await self.change_pool(name, leaver, comer)
            if leaver is not None and self.chance.random() < 0.5:
                await self.down(leaver, 0.3)
            if comer is not None:
                await self.recovery(comer, name)
        finally:
            self.busy -= {leaver, comer}

    async def change_pool(self, name, leaver, comer):
        self.fleet.changing = True
        members = [each for each in self.fleet.members if each != leaver]
        try:
            if comer is not None:
                await self.troubles.flush(comer)
                members.append(comer)
            self.model.note(f"{name}: the pool becomes {[each.address for each in members]}")
            pauses = [self.chance.random() * 0.2 for _ in self.fleet.nginxes]
            await self.fleet.change(members, pauses)
            if leaver is not None:
                await self.wipe()
            self.model.note(f"{name} is over")
            self.seen[name] += 1
        finally:
            self.fleet.changing = False

    async def wipe(self):
        """Its keys are now where they were before it came, and what lies there may have been purged
        since."""
        everything = Purge(under="")
        while True:
            requested = self.model.request_purge(everything, "nginx")
            try:
                await self.ways.by_nginx(everything)
            except NotAcknowledged as error:  # something befalls another one
                self.model.refuse(requested, error)
                await asyncio.sleep(0.05)
            else:
                self.model.acknowledge(requested)
                return

    def some_spare(self):
        free = [each for each in self.fleet.memcacheds
                if each not in self.fleet.members and each not in self.busy]
        return self.chance.choice(free) if free else None

    async def add(self):
        if comer := self.some_spare():
            await self.change("add", comer=comer)

    async def remove(self):
        leaver = self.some_member()
        if leaver and len(self.fleet.members) > MEMBERS:
            await self.change("remove", leaver=leaver)

    async def swap(self):
        leaver, comer = self.some_member(), self.some_spare()
        if leaver and comer:
            await self.change("swap", leaver=leaver, comer=comer)

    async def reload(self):
        await self.change("reload")

    async def reload_one(self):
        """Each minute."""
        last = time.monotonic()
        while not self.over:
            await asyncio.sleep(0.2)
            if self.is_steady() and time.monotonic() - last > 60:
                last = time.monotonic()
                await in_thread(self.fleet.nginxes[0].reload)
                self.seen["reload of one"] += 1

    # ---- the run

    async def run(self):
        async with Grid(self.locations, self.behave, MEMBERS, memcacheds=PROCESSES,
                        megabytes=16, http=HTTP, parameters=f"fail_timeout={FAIL_TIMEOUT}s",
                        pool=self.pool, **self.fleet_options) as self.fleet:
            self.ways = Means(self.fleet, self.chance)
            self.troubles = Troubles(self.fleet, self.chance)
            self.costs = Costs(self.fleet.nginxes)
            self.began = time.monotonic()
            rounds = self.rounds_until_over()
            playing = asyncio.gather(self.trouble(), self.reload_one(), self.watch(),
                                     *(self.play(rounds) for _ in range(self.parallel)))
            await asyncio.wait([playing], timeout=self.limit)
            latest = self.began + self.limit + PATIENCE
            while not self.over and self.not_seen() and time.monotonic() < latest:
                await asyncio.sleep(0.1)
            self.over = True
            await playing
            self.seconds = time.monotonic() - self.began
            self.model.wrong += self.fleet.alarms()
            # Two connections a server, those that are not in the pool any more included.
            self.model.wrong += await in_thread(self.costs.conclude, 2 * PROCESSES, self.seconds)
            self.seen["parts gone"] = self.costs.count("is no longer in memcached")
            self.seen["parts not to be had"] = self.costs.count("cannot be read from memcached")
            if len(self.broken_off) > self.seen["parts gone"] + self.seen["parts not to be had"]:
                self.failed += self.broken_off
        return self

    def not_seen(self):
        """What a run that means anything has, and a slow machine needs longer for."""
        if self.drop:
            return [] if self.wrong else ["a wrong page"]
        wanted = ("HIT", "MISS", "ranges", "purges by nginx", "purges by application")
        missing = [what for what in wanted if not self.seen[what]]
        if {"kill", "blink", "stop"} & set(self.events) and not self.recoveries:
            missing.append("recoveries")
        return missing

    async def watch(self):
        while not self.over:
            self.fleet.asked.clear()
            self.costs.look()
            await asyncio.sleep(0.5)


    def __str__(self):
        counts = ", ".join(f"{what} {n}" for what, n in sorted(self.seen.items()))
        lines = [f"{self.rounds} rounds in {self.seconds:.0f} s; {counts}; versions ended "
                 f"{len(self.model.ended)}; large pages broken off {len(self.broken_off)}"]
        if self.recoveries:
            lines.append(f"used again after a kill, blink or stop: {len(self.recoveries)} times, median "
                         f"{statistics.median(self.recoveries):.2f} s, slowest "
                         f"{max(self.recoveries):.2f} s, fail_timeout {FAIL_TIMEOUT} s")
        lines.append(str(self.costs))
        lines.append(f"responses checked {self.seen['responses checked']}, "
                     f"wrong {len(self.wrong)}, failed {len(self.failed)}")
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--steady", action="store_true",
                        help="from the first third on the pool stays as it is, and one nginx is "
                        "reloaded each minute")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--drop", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--pool", default="", metavar="LINES")
    parser.add_argument("--server", default="", metavar="LINES")
    parser.add_argument("--parallel", type=int, default=8, help="clients")
    parser.add_argument("--events", default=",".join(Chaos.EVENTS), help="default: %(default)s")
    options = parser.parse_args()
    stop_on_signals()
    events = [name for name in options.events.split(",") if name]
    print(f"seed {options.seed}", flush=True)
    played = asyncio.run(Chaos(options.seconds, options.seed, options.drop, options.parallel,
                               options.pool, options.server, events,
                               steady=options.steady).run())
    print(played)
    print("\n".join([*played.wrong[:10], *played.failed[:10]]))
    sys.exit(bool(played.wrong or played.failed))


if __name__ == "__main__":
    main()
