"""Servers that missed a purge, in a pool whose pages have copies: that they did is written into the
purge log of every other server, as nginx does it (src/pool/missed_purges.h), so that the purge
holds without them."""

import re
import secrets
import time

from tool.keys import purge_log_key, to_bytes

WITNESSES = 2  # src/pool/purge_logs.h
# Of src/format/purge_log.h.
RANDOM_BITS = 12
LAST_EPOCH = 0xFFFFFFFF00000000
LINE = re.compile(rb"^lost (.+) ([0-9a-f]{16})\n", re.MULTILINE)


def epoch_of(seconds, random):
    return int(seconds * 1000000) << RANDOM_BITS | random


def epoch_of_now():
    """The last of logs that were made up to now, and a second more for clocks that are ahead."""
    return min(epoch_of(time.time() + 1, (1 << RANDOM_BITS) - 1), LAST_EPOCH)


def lines_of(servers):
    return b"".join(b"lost %s %016x\n" % (to_bytes(server.name), epoch_of_now())
                    for server in servers)


def fresh_log(lines):
    """A log that there was not: its flags and its text."""
    epoch = epoch_of(time.time(), secrets.randbits(RANDOM_BITS))
    upper = epoch & 0xFFFF
    upper ^= upper == 0x6D63  # the flags of an entry
    return upper << 16 | 0x0100, b"mcache-purges %016x 0\n" % epoch + lines


def append(connection, key, lines):
    """Whether the log says so now: at its end, or as a new one where there is none or it is full."""
    if connection.append(key, lines):
        return True
    old = connection.get(key)
    kept = b"".join(found[0] for found in LINE.finditer(old.value)) if old else b""
    if old:
        connection.delete(key)
    return connection.add(key, *fresh_log(kept + lines)) or connection.append(key, lines)


def tell(fleet, prefix, missed):
    """Whether the purge of a prefix holds without these servers: so many of those that anybody may
    ask lack the line that one is left."""
    key, lines = purge_log_key(prefix), lines_of(missed)
    others = [server for server in fleet.pool.servers if server not in missed]
    told = [server for server in others
            if fleet.ask(server, lambda connection: append(connection, key, lines))]
    return bool(told) and len(fleet.pool.servers) - len(told) <= WITNESSES


def missed_purges(fleet, prefix, server):
    """The last epoch of logs of a server that missed a purge, as the others say it; 0: none did."""
    key, last = purge_log_key(prefix), 0
    for other in fleet.pool.servers:
        log = None if other is server else fleet.ask(other, lambda connection: connection.get(key))
        for name, epoch in LINE.findall(log.value if log else b""):
            if name == to_bytes(server.name):
                last = max(last, int(epoch, 16))
    return last
