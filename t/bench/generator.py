"""generator.cpp, compiled and run."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from servers import on_core

SOURCE = Path(__file__).resolve().parent / "generator.cpp"


@dataclass
class Run:
    requests: int
    seconds: float
    p50: float  # milliseconds
    p99: float
    unused_key: int


class Generator:
    def __init__(self, folder, core):
        self.program = folder / "generator"
        self.core = core
        subprocess.run(["c++", "-std=c++20", "-O2", "-o", self.program, SOURCE], check=True)

    def run(self, port, pattern, load, seconds, *, seed=0, first=0, connections=None, settle=0,
            meter=None):
        """Runs one load. The meter begins when all connections stand, and ends `settle` seconds
        after the last answer has come, before any is closed."""
        words = [port, connections or load.connections, pattern, load.size_kb, load.entries,
                 seconds, seed, first]
        command = [str(word) for word in on_core(self.core, [self.program, *words])]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            try:
                self.expect_line(process)
                if meter:
                    meter.begin()
                self.go_on(process)
                words = self.expect_line(process).split()
                time.sleep(settle)
                if meter:
                    meter.end()
                self.go_on(process)
            except BaseException:
                process.kill()
                raise
        requests, microseconds, p50, p99, unused_key = (int(word) for word in words)
        return Run(requests, microseconds / 1e6, p50 / 1e3, p99 / 1e3, unused_key)

    @staticmethod
    def expect_line(process):
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(process.stderr.read().strip() or "the generator said nothing")
        return line

    @staticmethod
    def go_on(process):
        process.stdin.write("\n")
        process.stdin.flush()
