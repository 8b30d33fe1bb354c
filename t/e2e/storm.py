#!/usr/bin/python3
"""A storm: nginx with a configuration that is drawn, requests of all kinds, an origin that answers all that an
origin may, and memcacheds behind unix sockets that break, delay and lose what passes. Of each answer it is
known whose page it is, for whom it was made, and whether a purge has ended it. Round by round:

    t/e2e/storm.py                      some rounds; t/e2e/tests/test_storm.py plays some, too
    t/e2e/storm.py --requests 100000    as many rounds as that takes
    t/e2e/storm.py --seed 4711 --round 3
                                        that round again: the same configuration, requests, answers and
                                        faults; the timing is another
    t/e2e/storm.py --off                with `mcache off`: nothing may be found then
    t/e2e/storm.py --drop               no purge is sent: must find something
    t/e2e/storm.py --reports DIR        where sanitizers write what they find
    t/e2e/storm.py --keep DIR           for rounds that found something: their configuration and logs

Found are wrong pages, answers that do not come, crashes, [alert]s, sanitizers' reports, commands to memcached
in a busy loop, and what is not over when all clients have left. The module is MCACHE_MODULE, or the one in
MCACHE_BUILD, or the one in build/; nginx is the one in PATH."""

import argparse
import asyncio
import logging
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from stack import stop_on_signals  # noqa: E402
from stack.daemon import children  # noqa: E402
from stack.grid import in_thread  # noqa: E402
from stack.memcached import Memcached  # noqa: E402
from stack.nginx import Nginx  # noqa: E402
from stack.ports import free_port  # noqa: E402
from stack.running import default_module  # noqa: E402
from storms.clients import PATIENCE, Answer, Ask, Client, Clients, read_answer  # noqa: E402
from storms.configuration import KINDS, Configuration  # noqa: E402
from storms.origin import Origin  # noqa: E402
from storms.truth import LATE, Truth  # noqa: E402
from storms.wire import Busyness, Wire  # noqa: E402

OF_A_ROUND = 1500  # requests
PARALLEL = 24  # clients
QUIET = 20  # seconds in which all must be over when nobody asks any more
TROUBLES = {"calm": 5, "breeze": 3, "gale": 2, "evict_parts": 8, "evict": 4, "flush": 1, "kill": 1, "pause": 1,
            "away": 1, "break_all": 1, "reload": 2, "rest": 8}
ALARM = re.compile(r"\[alert\]|\[emerg\]|exited on signal|exited with (fatal )?code [1-9]")


class Round:
    """One nginx from its start to its end."""

    def __init__(self, seed, number, requests, reports=None, keep=None, pool="pages", drop=False):
        self.name = f"{seed}/{number}"
        self.requests = requests
        self.reports = reports
        self.keep = keep
        self.drop = drop
        self.chance = random.Random(f"{self.name}/troubles")
        self.configuration = Configuration(self.name, pool)
        self.truth = Truth(self.configuration)
        self.folder = Path(tempfile.mkdtemp(prefix="mcache-storm-"))
        self.folder.chmod(0o755)
        self.generation = 0
        self.origin = Origin(self.name, self.truth)
        self.memcacheds, self.wires, self.nginx, self.clients = [], [], None, None
        self.over = False
        self.died = False
        self.busiest = 0

    async def play(self):
        try:
            await self.start()
            watching = asyncio.gather(self.trouble(), self.watch(), self.measure_lag())
            await self.clients.run(PARALLEL, lambda: self.died)
            self.over = True
            await watching
            if not self.died:
                await self.quiet()
            await in_thread(self.leave)
        except Exception as error:
            self.truth.fail(f"the round ends: {error!r}")
            raise
        finally:
            self.over = True
            self.stop()
            self.look_at_logs()
            self.clear_up()
        return self

    async def start(self):
        self.port, self.http2 = free_port(), free_port()
        self.origin_port = await self.origin.start()
        for number in range(self.configuration.memcacheds):
            memcached = Memcached(self.folder, 64)
            self.memcacheds.append(memcached)
            await in_thread(memcached.start)
            wire = Wire(self.name, memcached, self.folder / f"memcached-{number}.sock", self.truth, self.configuration.old)
            self.wires.append(wire)
            await wire.start()
        conf = self.folder / "storm.conf"
        conf.write_text(self.text())
        folder = self.folder / "node"
        folder.mkdir()
        self.nginx = Nginx(folder, default_module().resolve(), conf, self.port, {})
        await in_thread(self.nginx.start)
        tell = self.wires[0].tell if len(self.wires) == 1 else None
        self.clients = Clients(self.name, self.truth, self.port, self.http2, self.requests, tell,
                               self.drop)

    def text(self):
        return self.configuration.render(self.generation, [wire.path for wire in self.wires], self.origin_port,
                                         self.http2, self.folder)

    def leave(self):
        """As a service is asked to: what is held then is held for ever, and nginx says so."""
        process = self.nginx.process
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(QUIET)
        except Exception:
            self.truth.fail(f"nginx does not leave in {QUIET} s")

    def stop(self):
        for wire in self.wires:
            wire.stop()
        self.origin.stop()
        for daemon in [self.nginx, *self.memcacheds]:
            if daemon is not None:
                daemon.stop()

    # ---- what befalls

    async def trouble(self):
        names, weights = zip(*TROUBLES.items())
        while not self.over:
            await asyncio.sleep(self.chance.choice((0.02, 0.1, 0.3, 0.6)))
            name = self.chance.choices(names, weights)[0]
            self.truth.note(f"trouble: {name}")
            self.truth.seen[f"trouble {name}"] += 1
            try:
                await getattr(self, name)()
            except (OSError, TimeoutError, RuntimeError) as error:
                self.truth.fail(f"{name}: {error!r}")

    def some(self):
        return self.chance.choice(self.wires)

    async def set_storm(self, strength):
        for wire in self.wires:
            wire.storm = strength

    async def calm(self):
        await self.set_storm(0)

    async def breeze(self):
        await self.set_storm(0.3)

    async def gale(self):
        await self.set_storm(2)

    async def rest(self):
        """So that pages grow old."""
        await self.calm()
        await asyncio.sleep(self.chance.choice((0.5, 1)))

    async def evict_parts(self):
        for _ in range(self.chance.choice((1, 5, 30))):
            await self.some().evict(parts=True)

    async def evict(self):
        for _ in range(self.chance.choice((1, 5, 30))):
            await self.some().evict(parts=False)

    async def flush(self):
        await self.some().tell(b"flush_all\r\n")

    async def kill(self):
        memcached = self.some().memcached
        memcached.kill()
        await asyncio.sleep(self.chance.choice((0, 0.3)))
        await in_thread(memcached.start)

    async def pause(self):
        memcached = self.some().memcached
        await in_thread(memcached.pause)
        await asyncio.sleep(self.chance.choice((0.1, 0.6)))
        memcached.resume()

    async def away(self):
        """connect() fails at once."""
        wire = self.some()
        wire.stop()
        await asyncio.sleep(self.chance.choice((0.05, 0.5)))
        await wire.start()

    async def break_all(self):
        self.some().break_all()

    async def reload(self):
        self.generation += 1
        self.truth.reloads += 1
        self.nginx.configure(self.text())
        await in_thread(self.nginx.reload)
        self.truth.reloads += 1

    # ---- what is watched

    async def watch(self):
        """Whether memcached is asked without end, and whether a worker has died."""
        busyness = Busyness(self.wires, self.clients)
        while not self.over:
            await asyncio.sleep(1)
            if why := busyness.look():
                self.truth.fail(why)
            self.busiest = max(self.busiest, busyness.highest)
            if "exited on signal" in self.nginx.errors() or "exited with code 1" in self.nginx.errors():
                self.died = True
                return

    async def measure_lag(self):
        while not self.over:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            late = time.monotonic() - before - 0.05
            self.truth.lag = max(self.truth.lag, late)
            self.truth.late += late if late > LATE else 0

    async def until(self, condition, what):
        end = time.monotonic() + QUIET
        while not (result := await condition()):
            if time.monotonic() > end:
                self.truth.fail(f"when all had left: {what()}")
                return None
            await asyncio.sleep(0.05)
        return result

    async def fetch(self, uri):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"GET {uri} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return await asyncio.wait_for(read_answer(reader, "GET"), PATIENCE)
        except (TimeoutError, ConnectionError):
            return Answer()
        finally:
            writer.close()

    async def quiet(self):
        """All is over soon, and all works again."""
        await self.calm()
        self.origin.calm = True
        self.truth.note("all clients have left")
        state = {}

        async def origin_is_left():
            return not +self.origin.busy

        async def nginx_is_idle():
            answer = await self.fetch("/stub")
            state["stub"] = " ".join(answer.body.decode().split())
            return re.search(r"connections: 1 .*Reading: 0 Writing: 1 Waiting: 0", state["stub"])

        async def nothing_is_filled():
            answer = await self.fetch("/status")
            found = re.search(rb'"fills_in_flight": ?(\d+)', answer.body)
            state["fills"] = found and int(found[1])
            return state["fills"] in (0, None)

        await self.until(origin_is_left, lambda: f"the origin still answers {list(+self.origin.busy)}")
        await self.until(nginx_is_idle, lambda: state["stub"])
        await self.until(nothing_is_filled, lambda: f"{state['fills']} fills in flight")
        client = Client(self.clients, "last")
        for location in self.configuration.locations:
            for kind in KINDS:
                if kind != "stream":
                    await client.ask_alone(client.begin(self.last_ask(f"/{location.name}/{kind}/0")))
            await self.until(lambda: self.is_cached(location), lambda: f"/{location.name}/ does not ask memcached")
        await self.until(nginx_is_idle, lambda: state["stub"])
        await self.look_at_idle_workers()

    def last_ask(self, page):
        return Ask(next(self.clients.ids), "GET", page, "a", [])

    async def is_cached(self, location):
        """Whether memcached is asked again."""
        answer = await self.fetch(f"/{location.name}/plain/0")
        if location.shape in ("if", "slice") or location.adds[0]:
            return True
        said = answer.header("x-cache") or ""
        return not said.startswith("DOWN") and said.split()[:1] != [] and " down " not in said

    async def look_at_idle_workers(self):
        wires = sum(wire.total for wire in self.wires)
        before = self.ticks()
        await asyncio.sleep(0.5)
        after = self.ticks()
        if spent := max((after[pid] - before.get(pid, 0) for pid in after), default=0):
            if spent > 30:
                self.truth.fail(f"a worker with nothing to do takes {2 * spent} % of a processor")
        if (asked := sum(wire.total for wire in self.wires) - wires) > 20:
            self.truth.fail(f"memcached is asked {asked} times in half a second for nothing")

    def ticks(self):
        found = {}
        for pid in children(self.nginx.pid):
            try:
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found[pid] = int(words[11]) + int(words[12])
        return found

    # ---- what is left

    def look_at_logs(self):
        if self.nginx is None or not self.nginx.error_log.exists():
            return
        if self.died:  # whom it was serving got nothing
            self.truth.wrong = [text for text in self.truth.wrong if "no answer" not in text and "broken off" not in text]
        lines = self.nginx.errors().splitlines()
        if not self.died:
            self.truth.look_at_breaks(lines)
        alarms = [line for line in lines if ALARM.search(line)]
        for text, number in Counter(re.sub(r"^\S+ \S+ |\d+#\d+: |\*\d+ ", "", line) for line in alarms).most_common(5):
            self.truth.fail(f"{number} times in the log: {text[:300]}")
        if self.reports is None:
            return
        for report in sorted(self.reports.iterdir()):
            if text := report.read_text(errors="replace"):
                self.truth.fail(f"a sanitizer's report:\n{text[:12000]}")
            report.unlink()  # another process may get this number

    def clear_up(self):
        if self.keep is not None and self.truth.wrong:
            kept = self.keep / self.name.replace("/", "-")
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for name in ("nginx.conf", "error.log"):
                shutil.copy(self.folder / "node" / "nginx" / name, kept)
            lines = (f"{number:7} {seconds:8.3f} {page or ''} {text}" for number, seconds, page, text in self.truth.history)
            (kept / "story").write_text("\n".join(lines))
            (kept / "found").write_text("\n".join(self.truth.wrong))
        shutil.rmtree(self.folder, ignore_errors=True)


class Storm:
    """requests   how many at least; seconds, where it is given: no round begins later
    found         after it: {round: texts}"""

    def __init__(self, seed, requests, seconds=None, first=0, reports=None, keep=None, rounds=None, pool="pages",
                 drop=False):
        self.seed, self.requests, self.seconds, self.first, self.rounds = seed, requests, seconds, first, rounds
        self.for_rounds = reports, keep, pool, drop
        self.found, self.seen, self.sent, self.played, self.busiest = {}, Counter(), 0, 0, 0

    async def run(self):
        began = time.monotonic()
        while self.sent < self.requests and (self.seconds is None or time.monotonic() - began < self.seconds):
            if self.played == self.rounds:
                break
            number = self.first + self.played
            since = time.monotonic()
            left = min(OF_A_ROUND, max(300, self.requests - self.sent))
            played = Round(self.seed, number, left, *self.for_rounds)
            await played.play()
            self.played += 1
            self.sent += played.clients.sent
            self.busiest = max(self.busiest, played.busiest)
            self.seen += played.truth.seen
            if played.truth.wrong:
                self.found[number] = played.truth.wrong
            print(f"round {number}: {played.clients.sent} requests, {time.monotonic() - since:.0f} s, "
                  f"{len(played.truth.wrong)} found, late by {played.truth.lag:.2f} s at most", flush=True)
            for text in played.truth.wrong[:8]:
                print(f"  {text}", flush=True)
        return self

    def __str__(self):
        counts = ", ".join(f"{what} {n}" for what, n in sorted(self.seen.items()))
        return (f"seed {self.seed}: {self.sent} requests in {self.played} rounds; {counts}; most for one key in a "
                f"second {self.busiest}; {sum(map(len, self.found.values()))} found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seconds", type=float, help="no round begins later")
    parser.add_argument("--round", type=int, metavar="N", help="only this one")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first round")
    parser.add_argument("--off", action="store_const", dest="pool", const="off", default="pages")
    parser.add_argument("--drop", action="store_true")
    parser.add_argument("--reports", type=Path, metavar="DIR")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    options = parser.parse_args()
    stop_on_signals()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it warns of each client that has left
    print(f"seed {options.seed}", flush=True)
    first, rounds, requests = options.first, None, options.requests
    if options.round is not None:
        first, rounds, requests = options.round, 1, OF_A_ROUND
    storm = asyncio.run(Storm(options.seed, requests, options.seconds, first, options.reports, options.keep, rounds,
                              options.pool, options.drop).run())
    print(storm)
    sys.exit(bool(storm.found))


if __name__ == "__main__":
    main()
