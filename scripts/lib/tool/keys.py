"""From URLs to keys, as README and conf-examples/application.md describe them."""

import hashlib

PURGE_LOG = "\0purges"


def legal(byte):
    return byte > 0x20 and byte != 0x7F


def memcached_key(full):
    """The key of memcached for prefix and key joined; both are bytes."""
    out = full
    if not all(map(legal, full)):
        out = b"".join(b"%c" % b if legal(b) and b != 0x25 else b"%%%02X" % b for b in full)
    if len(out) > 250:
        out = b"sha256-" + hashlib.sha256(full).hexdigest().encode()
    return out


def to_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def to_text(data):
    return data.decode("utf-8", "backslashreplace")


def page_key(prefix, key):
    return memcached_key(to_bytes(prefix + key))


def purge_log_key(prefix):
    return memcached_key(to_bytes(prefix + PURGE_LOG))


def part_keys(full, nonce, count):
    """Of the parts of a large page."""
    beginning = b"part-" + hashlib.sha256(full).hexdigest()[:16].encode() + b"-" + \
        nonce.hex().encode() + b"-"
    return [beginning + str(number).encode() for number in range(count)]


def part_family(full):
    """What the keys of all parts of a page begin with, whichever fill they are of."""
    return b"part-" + hashlib.sha256(full).hexdigest()[:16].encode() + b"-"
