"""What a run costs nginx: memory, descriptors, lines in the error log."""

import os
import statistics
import time
from dataclasses import dataclass

from stack.daemon import process_status
from stack.waiting import wait_for

# Lines a second of mcache's own, over the whole run.
MOST_LINES = 10
# Whose memory was looked at for less time than this is not judged.
LONG = 60
# What memory may grow by from the first to the last quarter of a process's life. AddressSanitizer keeps what
# was freed: with it (scripts/sanitize) this is not judged.
GROWTH, SLACK = 1.1, 2 << 20
JUDGED = not os.environ.get("MCACHE_SANITIZED")


@dataclass
class Sample:
    moment: float  # time.monotonic()
    resident: int  # bytes


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def quarters(samples):
    """The median of resident memory in the first quarter of the samples, and in the last one."""
    quarter = max(1, len(samples) // 4)
    return [statistics.median(each.resident for each in part)
            for part in (samples[:quarter], samples[-quarter:])]


class Costs:
    """Begins when no client has come yet. conclude() returns texts of what is wrong."""

    def __init__(self, nginxes):
        self.nginxes = nginxes
        self.samples = {}  # pid: [Sample, ...]
        self.idle = {nginx: max(map(descriptors, wait_for(nginx.workers, "a worker")))
                     for nginx in nginxes}
        self.masters = {nginx: descriptors(nginx.pid) for nginx in nginxes}
        self.lines = self.seconds = 0
        self.memory = []  # a text a process

    def look(self):
        for nginx in self.nginxes:
            try:
                pids = [nginx.pid, *nginx.workers()]
            except (OSError, ValueError):
                continue  # it is just being upgraded
            for pid in pids:
                try:
                    resident = int(process_status(pid)["VmRSS"].split()[0]) << 10
                except (OSError, KeyError):
                    continue  # it has just left
                self.samples.setdefault(pid, []).append(Sample(time.monotonic(), resident))

    def conclude(self, connections, seconds):
        """connections: how many a worker may keep open now that no client is left"""
        self.seconds = seconds
        wrong = [text for nginx in self.nginxes for text in self.leaks(nginx, connections)]
        wrong += [text for pid in self.lasting() for text in self.growth(pid)]
        return wrong + self.log_lines()

    def leaks(self, nginx, connections):
        most = self.idle[nginx] + connections

        def settled():
            return (all(descriptors(pid) <= most for pid in nginx.workers())
                    and descriptors(nginx.pid) <= self.masters[nginx])

        try:
            wait_for(settled, "descriptors to be closed")
        except TimeoutError:
            yield (f"descriptors: {[descriptors(pid) for pid in nginx.workers()]} of the workers, "
                   f"at most {most} expected; {descriptors(nginx.pid)} of the master, "
                   f"{self.masters[nginx]} at the beginning")

    def lasting(self):
        """The processes that are still there: masters first."""
        pids = [nginx.pid for nginx in self.nginxes]
        pids += [pid for nginx in self.nginxes for pid in nginx.workers()]
        return [pid for pid in pids if pid in self.samples]

    def growth(self, pid):
        samples = self.samples[pid]
        before, after = quarters(samples)
        seconds = samples[-1].moment - samples[0].moment
        text = f"{before / 1e6:.1f} to {after / 1e6:.1f} MB in {seconds:.0f} s"
        self.memory.append(text)
        if JUDGED and seconds > LONG and after > GROWTH * before + SLACK:
            yield f"memory of a process grew from {text}"

    def log_lines(self):
        """Everything that is an error has to be one of ours, and those must be few."""
        wrong = []
        for nginx in self.nginxes:
            for line in nginx.errors().splitlines():
                if "mcache:" in line:
                    self.lines += 1
                elif "[error]" in line or "[crit]" in line:
                    wrong.append(line)
        if self.lines > MOST_LINES * self.seconds:
            wrong.append(f"{self.lines} lines in the error logs")
        return wrong

    def count(self, words):
        """How many lines of the error logs hold this."""
        return sum(nginx.errors().count(words) for nginx in self.nginxes)

    def __str__(self):
        return (f"memory of masters and workers: {', '.join(self.memory)}; "
                f"mcache's lines in the error logs: {self.lines}")
