"""mcache get: what memcached has of a URL, and why that is or is not a hit."""

import time
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from tool import entry as entries
from tool import lost
from tool.entry import NotReadable
from tool.keys import (VARIANT, page_key, part_keys, purge_log_key, to_bytes, to_text,
                       variant_key)
from tool.pool import Evaluation, ignored_by, sites_of


STUB_MARK = 0x5300  # src/memcached/protocol/stub.h


@dataclass
class Key:
    """One key that a URL may have, by one location."""

    site: object
    prefix: str
    full: str
    key: bytes
    unknown: set = field(default_factory=set)


def keys_of(pool, url):
    """Without doubles, in the order of the configuration."""
    found = {}
    for site in sites_of(pool, url):
        evaluation = Evaluation(pool, site, url)
        prefix, key = evaluation.text(site.prefix), evaluation.text(site.key)
        if prefix + key:
            found.setdefault((prefix, key), Key(site, prefix, prefix + key, page_key(prefix, key),
                                                evaluation.unknown))
    return list(found.values())


class Finding:
    """What was found under one key; `facts` is what is printed as JSON."""

    def __init__(self, fleet, key, url):
        self.fleet = fleet
        self.key = key
        self.entry = None
        self.value = b""
        self.facts = {"url": url, "cached": False, "key": to_text(key.key),
                      "server": fleet.home(key.key).name}
        if key.unknown:
            self.facts["taken_as_empty"] = sorted("$" + name for name in key.unknown)

    def look(self):
        for server in self.fleet.order(self.key.key):
            item = self.fleet.ask(server, lambda connection: connection.get(self.key.key))
            if item is not None:
                self.facts["found_on"] = server.name
                self.read(server, item)
                return self
        if self.facts["server"] in self.fleet.down:
            self.because("down", f"{self.facts['server']}: {self.fleet.down[self.facts['server']]}")
        else:
            self.because("miss", "nothing is stored under this key; if it never is, $mcache_reason in "
                                 "nginx's log says why")
        return self

    def because(self, reason, why):
        self.facts.update(reason=reason, why=why)

    def read(self, server, item):
        facts = self.facts
        self.value = item.value
        facts["flags"] = item.flags
        facts["item_size"] = len(item.value)
        if item.ttl is not None:
            facts["kept_for"] = None if item.ttl < 0 else item.ttl
            facts["last_asked_for"] = item.last_access
        kind = entries.kind_of(item.flags, item.value)
        if not item.value:
            stub = item.stub or item.flags & 0xFFFF == STUB_MARK
            self.because("miss", "it is being made: a stub stands for it" if stub else
                         "an empty value")
        elif kind == "body":
            facts.update(cached=True, format="raw", size=len(item.value))
        elif kind == "entry":
            try:
                self.read_entry(server, item, entries.decode(item.value))
            except NotReadable as error:
                self.because(str(error), "it is no entry that can be read")
        else:
            self.because("foreign-flags", "it is of a client library (a pickle, compressed, a number), or its flags were lost"
                         if kind == "foreign" else "it is of another version of mcache, or a part")

    def read_entry(self, server, item, entry):
        facts, now = self.facts, time.time()
        self.entry = entry
        if entry.key != to_bytes(self.key.full) and not self.is_variant(entry):
            self.because("key-mismatch", f"it is the entry of {to_text(entry.key)}")
            return
        if entry.is_unshared:
            self.because("miss", "its response was not to be stored a moment ago; nobody waits for it")
            return
        facts.update(format="entry", stored_at=entry.stored_at, age=int(now - entry.generated),
                     fresh_for=int(entry.fresh_until - now))
        if entry.is_index:
            facts["vary"] = entry.vary
            self.because("vary-miss", "the URL has variants by " + ", ".join(entry.vary) +
                         "; --variants lists them")
            return
        facts.update(status=entry.status, size=entry.body_size,
                     headers=[[to_text(name), to_text(value)] for name, value in entry.headers],
                     tags=[to_text(tag) for tag in entry.tags],
                     stale_while_revalidate=entry.stale_while_revalidate,
                     stale_if_error=entry.stale_if_error,
                     must_revalidate=bool(entry.attributes & entries.MUST_REVALIDATE))
        if entry.manifest:
            facts["parts"] = entry.manifest.count
        if not self.is_gone(server, item, entry):
            facts["cached"] = True

    def is_variant(self, entry):
        return entry.key.startswith(to_bytes(self.key.full) + b"\0")

    def is_gone(self, server, item, entry):
        """Whether it is there, but no hit any more; says why, also where it is only stale."""
        log = self.fleet.ask(server, lambda connection: connection.get(purge_log_key(self.key.prefix)))
        purged = entries.purged_by(log and log.value, entry, to_bytes(self.key.prefix))
        if purged is None and entry.stamp is None and self.fleet.pool.checks_log:
            purged = False, "it was stored before purges were looked at"
        elif purged is None and self.is_of_missed_purge(server, log):
            purged = False, "this server was down at a purge, and its pages from before are not used"
        if purged and not purged[0]:
            self.because("purged", f"purged: {purged[1]}")
            return True
        lost = entry.manifest and self.lost_part(entry)
        if lost:
            self.because("part-missing", f"part {lost} of {entry.manifest.count} is not in memcached "
                                         "any more")
            return True
        if purged or item.stale:
            self.because("purged", f"softly purged{': ' + purged[1] if purged else ''}; it is sent "
                                   "once more while it is fetched anew")
        elif self.facts["fresh_for"] <= 0:
            self.because("expired", "it is stale, and kept for mcache_use_stale and mcache_revalidate")
        return False

    def is_of_missed_purge(self, server, log):
        return bool(log and self.fleet.pool.keeps_copies) and \
            entries.log_epoch(log.value) <= lost.missed_purges(self.fleet, self.key.prefix, server)

    def lost_part(self, entry):
        """The number of the first part that is gone, from 1; 0: none is."""
        keys = part_keys(entry.key, entry.manifest.nonce, entry.manifest.count)
        for number, key in enumerate(keys, 1):
            if not any(self.fleet.ask(server, lambda connection: connection.has(key))
                       for server in self.fleet.order(key)):
                return number
        return 0


def body_of(fleet, finding):
    """Of a page that is cached."""
    entry = finding.entry
    if entry is None or not entry.manifest:
        return finding.value if entry is None else entry.body
    body = b""
    for key in part_keys(entry.key, entry.manifest.nonce, entry.manifest.count):
        items = (fleet.ask(server, lambda connection: connection.get(key))
                 for server in fleet.order(key))
        body += next(item.value for item in items if item)[entries.PART_HEAD_SIZE:]
    return body


def find(fleet, url_text, url):
    """The best finding of the keys that a URL may have: a hit before what is no hit."""
    findings = [Finding(fleet, key, url_text).look() for key in keys_of(fleet.pool, url)]
    if not findings:
        return None
    best = next((each for each in findings if each.facts["cached"]), None) or \
        next((each for each in findings if "found_on" in each.facts), findings[0])
    if len(findings) > 1:
        best.facts["other_keys"] = [each.facts["key"] for each in findings if each is not best]
    pattern = ignored_by(best.key.site, url)
    if pattern and not best.facts["cached"]:
        best.because("ignored", f"mcache_ignore {pattern} matches")
    return best


def variants(fleet, finding, progress):
    """Findings of all variants of an index. Their keys are digests, so each item with such a key
    has to be looked at."""
    found = []
    candidates = []
    for server in fleet.pool.servers:
        dumped = fleet.ask(server, lambda connection: [
            unquote_to_bytes(item["key"]) for item in connection.dump()])
        candidates += [(server, key) for key in dumped or [] if key.endswith(VARIANT)]
    bar = progress("looking for variants", len(candidates))
    for number, (server, key) in enumerate(candidates):
        bar.at(number)
        item = fleet.ask(server, lambda connection: connection.get(key))
        if item is None or entries.kind_of(item.flags, item.value) != "entry":
            continue
        try:
            entry = entries.decode(item.value)
        except NotReadable:
            continue
        if entry.key.startswith(finding.entry.key + b"\0") and \
                variant_key(entry.key) == key:
            variant = Finding(fleet, finding.key, finding.facts["url"])
            variant.facts.update(key=to_text(key), server=server.name, found_on=server.name)
            variant.read(server, item)
            variant.facts["selected_by"] = to_text(entry.key.partition(b"\n")[2]).strip().split("\n")
            found.append(variant)
    bar.end()
    return found
