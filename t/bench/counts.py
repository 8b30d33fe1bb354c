"""What can be counted of a request and does not depend on who else is busy on the machine:
instructions of the worker in user space (callgrind), its system calls (strace), and its page
faults."""

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from measure import STORES_END, Bench
from stack.waiting import wait_for

WARM, COUNTED = 0.5, 3  # seconds


@dataclass
class Count:
    name: str
    instructions: float
    calls: dict  # by name
    faults: float


def page_faults(pid):
    """Those that no disk was needed for."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


class Counting(Bench):
    """valgrind: the contestants run in it, in one process each."""

    def __init__(self, *words, valgrind=False):
        super().__init__(*words)
        self.valgrind = valgrind

    def server_of(self, contestant):
        server = super().server_of(contestant)
        if self.valgrind:
            server.run_alone("taskset", "-c", self.core, "valgrind", "--tool=callgrind",
                             "--instr-atstart=no",
                             f"--callgrind-out-file={self.counted(contestant)}")
        return server

    def counted(self, contestant):
        return contestant.folder.with_suffix(".callgrind")

    def requests(self, contestant, load, seconds):
        pattern = "fixed" if contestant.one_page else load.pattern
        run = self.generator.run(self.servers[contestant].port, pattern, load, seconds, seed=2,
                                 first=self.next_miss, settle=STORES_END)
        if load.has_misses:
            self.next_miss = run.unused_key
        return run.requests

    def warm_up(self, contestant, load):
        if load.pattern != "miss":
            self.fill(contestant, load)
        self.requests(contestant, load, WARM)

    def instructions(self, contestant, load):
        self.warm_up(contestant, load)
        server = self.servers[contestant]

        def control(state):
            subprocess.run(["callgrind_control", "-i", state, str(server.worker)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        control("on")
        requests = self.requests(contestant, load, COUNTED)
        control("off")

        def left():
            server.process.send_signal(signal.SIGTERM)  # one that comes before it waits is lost
            return server.process.poll() is not None

        wait_for(left, f"{contestant.name} under valgrind to leave")
        totals = re.findall(r"^(?:totals|summary): (\d+)", self.counted(contestant).read_text(),
                            re.MULTILINE)
        return max(map(int, totals)) / requests

    def faults(self, contestant, load):
        self.warm_up(contestant, load)
        worker = self.servers[contestant].worker
        before = page_faults(worker)
        requests = self.requests(contestant, load, COUNTED)
        return (page_faults(worker) - before) / requests

    def calls(self, contestant, load):
        table = contestant.folder / "calls"
        with subprocess.Popen(["strace", "-c", "-o", table, "-p",
                               str(self.servers[contestant].worker)],
                              stderr=subprocess.PIPE, text=True) as strace:
            if "attached" not in strace.stderr.readline():
                raise RuntimeError("strace cannot attach to a worker")
            requests = self.requests(contestant, load, COUNTED)
            strace.send_signal(signal.SIGINT)
        rows = re.findall(r"^ +[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", table.read_text(),
                          re.MULTILINE)
        return {name: int(count) / requests for count, name in rows if name != "total"}


def counts(module, names, load, core, other_core):
    """A Count for each contestant that takes part in the load, but Varnish."""
    with Counting(module, names, [load], core, other_core) as plain, \
            Counting(module, names, [load], core, other_core, valgrind=True) as slow:
        for contestant, alone in zip(plain.contestants, slow.contestants):
            if load.pattern not in contestant.patterns or contestant.name == "varnish":
                continue
            faults = plain.faults(contestant, load)
            calls = plain.calls(contestant, load)
            yield Count(contestant.name, slow.instructions(alone, load), calls, faults)


def table(found):
    """Rows of text, the headings first. Calls that hardly one request in 50 makes are not named."""
    found = list(found)
    named = sorted({name for each in found for name, count in each.calls.items() if count >= 0.02})
    yield ["", "instructions", "page faults", "system calls", *named]
    for each in found:
        yield [each.name, f"{each.instructions:,.0f}", f"{each.faults:.2f}",
               f"{sum(each.calls.values()):.2f}",
               *(f"{each.calls.get(name, 0):.2f}" for name in named)]
