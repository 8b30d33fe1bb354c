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


class Meter:
    """The CPU that the worker and all memcacheds use between begin() and end()."""

    def __init__(self, worker, memcacheds):
        self.worker = worker
        self.memcacheds = memcacheds
        self.used = None

    def read(self):
        return [accounting.cpu_time(self.worker), sum(map(accounting.cpu_time, self.memcacheds))]

    def begin(self):
        self.before = self.read()

    def end(self):
        self.used = [after - before for before, after in zip(self.before, self.read())]


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
            self.servers[contestant] = contestant.server(self.sizes)
            self.servers[contestant].start()

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
        """{contestant name: [Round, ...]}, the rounds of one number side by side."""
        taking_part = [each for each in self.contestants if load.pattern in each.patterns]
        if load.pattern != "miss":
            for contestant in taking_part:
                self.fill(contestant, load)
        if load.has_misses:
            self.memcached.fill_up((load.size_kb << 10) + HEAD)
        results = {contestant.name: [] for contestant in taking_part}
        for number in range(-1, count):  # the first is not counted
            turn = number % len(taking_part)
            for contestant in taking_part[turn:] + taking_part[:turn]:
                taken = self.take_turn(contestant, load, seconds if number >= 0 else 0.2, number)
                if number >= 0:
                    results[contestant.name].append(taken)
            progress(number + 1, count)
        if load.has_misses:
            self.memcached.flush()
            self.warm.clear()
        return results

    def take_turn(self, contestant, load, seconds, seed):
        server = self.servers[contestant]
        worker = server.worker
        pattern = "fixed" if contestant.one_page else load.pattern
        meter = Meter(worker, self.memcached_pids(contestant))
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
                     run.p99, accounting.resident(worker))


def as_numbers(results):
    return {name: [asdict(each) for each in rounds] for name, rounds in results.items()}
