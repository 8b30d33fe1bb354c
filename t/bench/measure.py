"""A run: all servers, and the rounds in which the contestants take turns."""

import shutil
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

import accounting
import contestants
import servers
from generator import Generator

# Keys of misses are counted from here on, and none is asked for twice.
FIRST_MISS = 1_000_000_000

# A store goes on after its request was answered; seconds.
STORES_END = 0.05

# Where others had more than this part of the worker's core, the turn says nothing: they leave the
# core's caches cold. What the kernel counts in steps of 10 ms is less exact than a hundredth.
MOST_DISTURBANCE = 0.15

# About what a cache stores beside the body.
HEAD = 500


@dataclass
class Round:
    """One contestant's turn. CPU in microseconds a request."""

    requests: int
    per_second: float
    worker_cpu: float
    memcached_cpu: float
    p50: float  # milliseconds
    p99: float
    resident: int  # bytes of the worker after it
    disturbance: float  # the part of the time in which others ran on the worker's core


class Meter:
    """The CPU that the worker and all memcacheds use between begin() and end()."""

    def __init__(self, worker, memcacheds, core):
        self.worker = worker
        self.memcacheds = memcacheds
        self.core = core
        self.used = None
        self.disturbance = None

    def read(self):
        return [accounting.cpu_time(self.worker), sum(map(accounting.cpu_time, self.memcacheds))]

    def begin(self):
        self.began = time.monotonic(), accounting.core_use(self.core)
        self.before = self.read()

    def end(self):
        self.used = [after - before for before, after in zip(self.before, self.read())]
        took = time.monotonic() - self.began[0]
        others = accounting.core_use(self.core) - self.began[1] - self.used[0] / 1e9
        self.disturbance = max(others / took, 0)


class Bench:
    """With `with`: everything runs, and afterwards nothing is left."""

    def __init__(self, module, names, loads, core, other_core):
        self.module = module
        self.loads = loads
        self.core = core
        self.other_core = other_core
        self.classes = [each for each in contestants.ALL if each.name in names]
        self.sizes = sorted({load.size_kb for load in loads})
        self.connections = max(64, *(load.connections for load in loads))
        data = {(load.size_kb, load.pattern == "random", load.entries): load.data for load in loads}
        self.megabytes = 128 + (5 * sum(data.values()) // 4 >> 20)
        self.folder = Path(tempfile.mkdtemp(prefix="mcache-bench-"))
        self.folder.chmod(0o755)  # nginx's workers run as somebody else where we are root
        self.memcached = None
        self.backend = None
        self.servers = {}
        self.warm = set()
        self.next_miss = FIRST_MISS

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *failure):
        self.stop()

    def start(self):
        self.generator = Generator(self.folder, self.other_core)
        self.contestants = [each(self) for each in self.classes]
        self.memcached = servers.Storage(self.folder, self.other_core, 3 * self.megabytes,
                                         4 * self.connections + 1024)
        self.memcached.start()
        self.backend = servers.backend(self.folder / "backend", self.sizes, self.other_core,
                                       self.connections)
        self.backend.start()
        for contestant in self.contestants:
            self.servers[contestant] = self.server_of(contestant)
            self.servers[contestant].start()

    def server_of(self, contestant):
        return contestant.server(self.sizes)

    def stop(self):
        for server in [*self.servers.values(), self.backend, self.memcached]:
            if server is not None:
                server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def memcached_pids(self, contestant):
        """Of those that it asks."""
        return [self.memcached.pid]

    def backend_requests(self):
        url = f"http://{self.backend.address}/requests"
        with urllib.request.urlopen(url, timeout=10) as answer:
            words = answer.read().split()
        return int(words[words.index(b"requests") + 3])

    # ---- before a load: every page is where it is to be found, and is the right one

    def fill(self, contestant, load):
        what = contestant, load.size_kb
        if (what, load.entries) in self.warm:
            return
        contestant.prepare(load)
        if contestant.one_page:
            return
        for _ in range(2):
            asked = self.backend_requests()
            self.ask_for_each(contestant, load)
            if self.backend_requests() - asked == 1:  # ours
                self.warm.add((what, load.entries))
                return
        raise RuntimeError(f"{contestant.name} does not keep {load.describe()}")

    def ask_for_each(self, contestant, load):
        self.generator.run(self.servers[contestant].port, "each", load, 0, settle=STORES_END,
                           connections=min(load.connections, 64))

    # ---- the rounds

    def rounds(self, load, count, seconds, progress):
        """{contestant name: [Round, ...]}, the rounds of one number side by side. Rounds in which
        somebody else disturbed a turn are taken anew, at most `count` of them; where even then half of
        them were disturbed, all are returned. Also how many were taken, and how many disturbed."""
        taking_part = [each for each in self.contestants if load.pattern in each.patterns]
        if load.pattern != "miss":
            for contestant in taking_part:
                self.fill(contestant, load)
        if load.has_misses:
            self.memcached.fill_up((load.size_kb << 10) + HEAD)
        self.take_round(taking_part, load, 0.2, -1)  # is not counted
        taken = []
        while len(taken) < 2 * count and len(undisturbed(taken)) < count:
            taken.append(self.take_round(taking_part, load, seconds, len(taken)))
            progress(min(len(undisturbed(taken)) + 1, count), count)
        progress(count, count)
        if load.has_misses:
            self.memcached.flush()
            self.warm.clear()
        kept = undisturbed(taken)
        disturbed = len(taken) - len(kept)
        if len(kept) < (count + 1) // 2:
            kept = taken
        results = {contestant.name: [each[contestant.name] for each in kept]
                   for contestant in taking_part}
        return results, (len(taken), disturbed)

    def take_round(self, taking_part, load, seconds, number):
        """{contestant name: Round}"""
        turn = number % len(taking_part)
        return {contestant.name: self.take_turn(contestant, load, seconds, number)
                for contestant in taking_part[turn:] + taking_part[:turn]}

    def take_turn(self, contestant, load, seconds, seed):
        server = self.servers[contestant]
        worker = server.worker
        pattern = "fixed" if contestant.one_page else load.pattern
        meter = Meter(worker, self.memcached_pids(contestant), self.core)
        asked = self.backend_requests()
        run = self.generator.run(server.port, pattern, load, seconds, seed=seed + 2,
                                 first=self.next_miss, meter=meter,
                                 settle=STORES_END if load.has_misses else 0)
        asked = self.backend_requests() - asked - 1
        misses = run.unused_key - self.next_miss if load.has_misses else 0
        self.next_miss += misses
        if asked != misses:
            raise RuntimeError(f"{contestant.name}, {load.name}: {misses} misses, and the backend "
                               f"was asked {asked} times")
        if complaints := server.complaints():
            raise RuntimeError(f"{contestant.name}, {load.name}: {complaints[0]}")
        worker_cpu, memcached_cpu = (used / 1e3 / run.requests for used in meter.used)
        return Round(run.requests, run.requests / run.seconds, worker_cpu, memcached_cpu, run.p50,
                     run.p99, accounting.resident(worker), meter.disturbance)


def undisturbed(rounds):
    return [each for each in rounds
            if all(turn.disturbance <= MOST_DISTURBANCE for turn in each.values())]


def as_numbers(results):
    return {name: [asdict(each) for each in rounds] for name, rounds in results.items()}
