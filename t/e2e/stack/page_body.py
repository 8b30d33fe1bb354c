"""Bodies that say what they are, in every part: page, version, whom for, which fill, size, and a
digest over these with a secret of the run. From any of its blocks the whole is known, so the wrong
body, a part of another one, and a part in the wrong place are all seen."""

import hashlib
import os
from dataclasses import dataclass

BLOCK = 128
SECRET = os.urandom(16)


@dataclass(frozen=True)
class PageBody:
    page: str
    version: int
    kind: str
    fill: int
    size: int

    @property
    def text(self):
        return f"{self.page} {self.version} {self.kind} {self.fill} {self.size}"

    @property
    def digest(self):
        return hashlib.blake2b(self.text.encode(), digest_size=16, key=SECRET).hexdigest()

    def render(self):
        head = f"{self.text} {self.digest} ".encode()
        room = BLOCK - len(head)
        blocks = -(-self.size // BLOCK)
        return b"".join([head + b"%0*d" % (room, number) for number in range(blocks)])[: self.size]


def read_body(data, at=0):
    """The PageBody of which these bytes are the part that begins `at`; ValueError where they are
    not. They hold one whole block at least."""
    first = data[-at % BLOCK :][:BLOCK]
    words = first.decode("latin-1").split(" ")
    if len(words) != 7:
        raise ValueError(f"no page: {first[:60]!r}")
    page, version, kind, fill, size, digest, _ = words
    body = PageBody(page, int(version), kind, int(fill), int(size))
    if digest != body.digest:
        raise ValueError(f"not of this run: {first[:100]!r}")
    wanted = body.render()[at : at + len(data)]
    if data != wanted:
        where = next((n for n, (a, b) in enumerate(zip(data, wanted)) if a != b), len(wanted))
        raise ValueError(f"{body.text}: byte {at + where} is of something else: "
                         f"{data[where : where + BLOCK]!r}")
    return body
