"""From URLs to keys, as README and conf-examples/application.md describe them."""

import hashlib
import re

LONGEST = 250
DIGEST = re.compile(rb"sha256-[0-9a-f]{64}\Z")
DERIVED = re.compile(rb"%00[a-z]+\Z")
ILLEGAL = re.compile(rb"[\0-\x20\x7F]")
PURGE_LOG = b"%00purges"
VARIANT = b"%00variant"
PART = b"%00part"


def digest(full):
    return b"sha256-" + hashlib.sha256(full).hexdigest().encode()


def memcached_key(full):
    """The key of memcached for prefix and key joined; both are bytes."""
    own = not (ILLEGAL.search(full) or DERIVED.search(full) or DIGEST.match(full))
    return full if own and len(full) <= LONGEST else digest(full)


def to_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def to_text(data):
    return data.decode("utf-8", "backslashreplace")


def page_key(prefix, key):
    return memcached_key(to_bytes(prefix + key))


def purge_log_key(prefix):
    site = to_bytes(prefix)
    escaped = re.sub(rb"[\0-\x20\x7F%]", lambda byte: b"%%%02X" % byte[0][0], site)
    if len(escaped + PURGE_LOG) > LONGEST or DIGEST.match(site):
        return digest(site) + PURGE_LOG
    return escaped + PURGE_LOG


def variant_key(full):
    """`full` is what the variant's entry says."""
    return digest(full) + VARIANT


def part_keys(full, nonce, count):
    """Of the parts of a large page."""
    beginning = part_family(full) + nonce.hex().encode() + b"-"
    return [beginning + str(number).encode() + PART for number in range(count)]


def part_family(full):
    """What the keys of all parts of a page begin with, whichever fill they are of."""
    return hashlib.sha256(full).hexdigest()[:16].encode() + b"-"
