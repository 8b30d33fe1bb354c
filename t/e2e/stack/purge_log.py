"""The purge log as the README describes it, read and judged by itself: what the module and the
applications' helpers write has to mean the same to this one."""

import hashlib
import re
from dataclasses import dataclass

SUFFIX = b"%00purges"
KINDS = (b"tag", b"soft-tag", b"under", b"soft-under", b"lost")

STANDS, STALE, GONE = "stands", "stale", "gone"


def log_key(site):
    """The key of the log of the pages with this mcache_key_prefix."""
    escaped = b"".join(
        b"%%%02X" % byte if byte <= 0x20 or byte in b"\x7f%" else b"%c" % byte
        for byte in site.encode()
    )
    if len(escaped + SUFFIX) > 250:
        escaped = b"sha256-" + hashlib.sha256(site.encode()).hexdigest().encode()
    return (escaped + SUFFIX).decode("latin-1")


def fresh(epoch="0123456789abcdef", base=0):
    return f"mcache-purges {epoch} {base}\n".encode()


@dataclass
class Record:
    position: int
    kind: str
    text: bytes


class PurgeLog:
    """A log's epoch, where it begins and ends, and its records. ValueError for an item without a
    first line. `cut` is the position before which everything is gone."""

    def __init__(self, value):
        head = re.match(rb"mcache-purges ([0-9a-f]{16}) (0|[1-9][0-9]*)\n", value)
        if not head:
            raise ValueError(f"not a purge log: {value[:60]!r}")
        self.epoch = head[1].decode()
        self.base = self.cut = position = int(head[2])
        self.records = []
        for line in re.findall(rb"[^\n]*\n|[^\n]+$", value[head.end():]):
            kind, space, text = line.removesuffix(b"\n").partition(b" ")
            after = position + len(line)
            if line.endswith(b"\n") and space and kind in KINDS and (text or b"under" in kind):
                self.records.append(Record(position, kind.decode(), text))
            else:
                self.cut = after
            position = after
        self.end = position

    @property
    def lines(self):
        """["tag news", ...] of all records."""
        return [f"{record.kind} {record.text.decode()}" for record in self.records]

    def judge(self, epoch, position, key, tags):
        """What a page is whose fill began when the log had this epoch and end."""
        if epoch != self.epoch or position < self.cut:
            return GONE
        verdict = STANDS
        for record in self.records:
            if record.position < position:
                continue
            if record.kind == "lost":
                continue  # of another server's log
            if record.text in tags if record.kind.endswith("tag") else key.startswith(record.text):
                if not record.kind.startswith("soft-"):
                    return GONE
                verdict = STALE
        return verdict
