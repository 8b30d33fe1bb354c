"""What is asked for: LOAD = pattern-size-connections[-entries], as in random-16k-64 or
random-1k-64-100000."""

import re
from dataclasses import dataclass

PATTERNS = {
    "hot": "one key",
    "random": "random keys",
    "miss": "keys that nobody has stored yet",
    "mix": "9 of 10 random keys, 1 of 10 not stored yet",
}

ENTRIES = 10_000

# A load whose name does not say how many entries has no more of them than this holds.
MOST_BYTES = 160 << 20

QUICK = ["hot-1k-64", "random-1k-64", "random-16k-64", "miss-16k-64"]

DEFAULT = [
    "hot-1k-64", "random-1k-64", "random-1k-1", "random-1k-512", "random-16k-64",
    "random-100k-64", "hot-16k-64", "hot-100k-64", "miss-16k-64", "mix-1k-64",
]

EVERYTHING = DEFAULT + [
    "random-1k-4096", "random-1k-64-1000", "random-1k-64-100000", "random-1k-64-1000000",
    "hot-512k-64", "random-512k-64", "hot-1k-512", "random-16k-512",
    "miss-1k-64", "miss-100k-64",
]  # fmt: skip


@dataclass(frozen=True)
class Load:
    name: str
    pattern: str
    size_kb: int
    connections: int
    entries: int  # that are stored before it begins

    @property
    def has_misses(self):
        return self.pattern in ("miss", "mix")

    @property
    def data(self):
        """Bytes of the bodies that lie in a cache."""
        return self.entries * self.size_kb << 10

    def describe(self):
        keys = {"hot": "one key", "miss": "keys that are not stored"}.get(
            self.pattern, f"{self.entries:,} random keys")
        if self.pattern == "mix":
            keys += ", every tenth request one that is not stored"
        return f"{self.size_kb} KB, {keys}, {self.connections:,} connections"


def parse_load(name):
    match = re.fullmatch(r"([a-z]+)-(\d+)k-(\d+)(?:-(\d+))?", name)
    if not match or match[1] not in PATTERNS:
        raise ValueError(f"{name}: not of the form (hot|random|miss|mix)-<n>k-<connections>"
                         "[-<entries>]")
    size_kb, connections = int(match[2]), int(match[3])
    if not 1 <= size_kb <= 512 or connections < 1:
        raise ValueError(f"{name}: 1k to 512k, and at least one connection")
    if match[1] in ("hot", "miss"):
        entries = 1
    else:
        entries = int(match[4]) if match[4] else min(ENTRIES, MOST_BYTES // (size_kb << 10))
    return Load(name, match[1], size_kb, connections, max(entries, 1))
