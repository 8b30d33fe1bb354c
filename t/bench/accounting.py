"""What the kernel knows of a process."""

import os
import time
from pathlib import Path

from stack.daemon import process_status


def cpu_time(pid):
    """Nanoseconds of CPU, user and system, of all of its threads, also those that have ended. It is
    what clock_getcpuclockid(3) names, and counts exactly where /proc/PID/stat counts 10 ms."""
    cpuclock_sched = 2
    return time.clock_gettime_ns((~pid << 3) | cpuclock_sched)


def resident(pid):
    return int(process_status(pid)["VmRSS"].split()[0]) << 10


def core_use(core):
    """Seconds, in steps of 10 ms, that anything ran on this core, or another machine on what would be
    it (steal)."""
    words = Path("/proc/stat").read_text().partition(f"\ncpu{core} ")[2].split("\n", 1)[0].split()
    user, nice, system, _, _, irq, softirq, steal = (int(word) for word in words[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def load_average():
    return [float(word) for word in Path("/proc/loadavg").read_text().split()[:3]]


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"
