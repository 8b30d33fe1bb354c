"""What lies in memcached, read: src/format/envelope.h, sections.h, manifest.h, tags.h, purge_log.h."""

import re
import struct
from dataclasses import dataclass, field

ENTRY_FLAGS = 0x6D630100
PART_FLAGS = 0x6D637000
OURS = 0x6D630000
TEXT_FLAG = 16  # a str of Python's clients
LOST_FLAGS = re.compile(rb"MCE[0-9]")  # an entry's beginning, where its flags are no entry's

INDEX, UNSHARED, PURGE, MANIFEST, FURTHER_STAMPS = 1, 2, 3, 0x8004, 5
HEAD = struct.Struct("<4sIQHHIqqqIIqII")
MUST_REVALIDATE = 1
PART_HEAD_SIZE = 28  # before the payload of a part


class NotReadable(Exception):
    """Not an entry that this version can read; the text is a word of $mcache_reason."""


@dataclass
class Entry:
    status: int
    generated: int
    stored_at: int
    fresh_until: int
    stale_while_revalidate: int
    stale_if_error: int
    attributes: int
    key: bytes
    headers: list  # of (name, value), bytes
    sections: dict
    body: bytes = b""
    vary: list = field(default_factory=list)  # of an index: the names of the fields
    manifest: object = None

    @property
    def is_index(self):
        return INDEX in self.sections

    @property
    def is_unshared(self):
        return UNSHARED in self.sections

    @property
    def body_size(self):
        return self.manifest.total if self.manifest else len(self.body)

    @property
    def stamp(self):
        """(epoch in hex, position) of the purge log, or None."""
        section = self.sections.get(PURGE, b"")
        if len(section) < 16:
            return None
        epoch, position = struct.unpack_from("<QQ", section)
        return f"{epoch:016x}", position

    def stamp_of(self, log):
        """The stamp by the log of that epoch: of an entry with copies there is one a server."""
        further = self.sections.get(FURTHER_STAMPS, b"")
        stamps = [(f"{epoch:016x}", position) for epoch, position in struct.iter_unpack(
            "<QQ", further[:len(further) // 16 * 16])]
        same = [stamp for stamp in [self.stamp, *stamps] if stamp[0] == log]
        return min(same, key=lambda stamp: stamp[1], default=self.stamp)

    @property
    def tags(self):
        return [tag for tag in self.sections.get(PURGE, b"")[16:].split(b"\n") if tag]


@dataclass
class Manifest:
    nonce: bytes
    total: int
    part_size: int
    count: int


def kind_of(flags, value):
    """entry, newer (of another mcache), part, body (of an application) or foreign."""
    if flags == ENTRY_FLAGS:
        return "entry"
    if flags == PART_FLAGS:
        return "part"
    if flags & 0xFFFF0000 == OURS:
        return "newer"
    return "body" if flags in (0, TEXT_FLAG) and not LOST_FLAGS.match(value) else "foreign"


def decode(value):
    try:
        return decode_checked(value)
    except (struct.error, IndexError, ValueError):
        raise NotReadable("garbage") from None


def decode_checked(value):
    if value[:4] != b"MCE1":
        raise NotReadable("garbage" if value[:3] != b"MCE" else "foreign-flags")
    (_, head_size, body_size, status, header_count, key_size, generated, stored_at, fresh_until, swr,
     sie, _, attributes, sections_size) = HEAD.unpack_from(value)
    if head_size + body_size != len(value):
        raise ValueError
    at = HEAD.size
    key, at = value[at:at + key_size], at + key_size
    headers = []
    for _ in range(header_count):
        _, name_size, value_size = struct.unpack_from("<BHI", value, at)
        at += 7
        headers.append((value[at:at + name_size],
                        value[at + name_size:at + name_size + value_size]))
        at += name_size + value_size
    if at + sections_size != head_size:
        raise ValueError
    sections = {}
    while at < head_size:
        kind, size = struct.unpack_from("<HI", value, at)
        sections[kind] = value[at + 6:at + 6 + size]
        at += 6 + size
    entry = Entry(status, generated, stored_at, fresh_until, swr, sie, attributes, key, headers,
                  sections, value[head_size:])
    if INDEX in sections:
        entry.vary = sections[INDEX][8:].decode("latin-1").split("\n")
    if MANIFEST in sections:
        nonce, total, part_size, count, _ = struct.unpack("<16sQIIq", sections[MANIFEST])
        entry.manifest = Manifest(nonce, total, part_size, count)
    return entry


# ---- the purge log ------------------------------------------------------------------------------


LOG_HEAD = re.compile(rb"mcache-purges ([0-9a-f]{16}) (\d+)\n")


def log_epoch(log):
    head = LOG_HEAD.match(log)
    return int(head[1], 16) if head else 0


def purged_by(log, entry, prefix):
    """The record of a purge log that takes an entry away: (whether softly, its text), or None while
    it stands. log: the item's bytes, or None where there is none."""
    if entry.stamp is None:
        return None
    head = LOG_HEAD.match(log or b"")
    if not head:
        return False, "the purge log is gone"
    epoch, position = entry.stamp_of(head[1].decode())
    if head[1].decode() != epoch:
        return False, "the purge log was lost or deleted since"
    at = int(head[2])
    if position < at:
        return False, "it is older than the purge log"
    key = entry.key.split(b"\0")[0].removeprefix(prefix)
    soft = None
    for line in log[head.end():].splitlines(keepends=True):
        if at >= position:
            kind, _, text = line.rstrip(b"\n").partition(b" ")
            name = kind.removeprefix(b"soft-")
            meant = name == b"tag" and text in entry.tags or name == b"under" and \
                key.startswith(text) or kind not in (b"tag", b"soft-tag", b"under", b"soft-under",
                                                     b"lost")
            if meant and kind == name:
                return False, line.decode("utf-8", "replace").strip()
            if meant:
                soft = True, line.decode("utf-8", "replace").strip()
        at += len(line)
    return soft
