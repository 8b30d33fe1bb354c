"""mcache purge, tag and wipe: the commands of "The same without nginx" (conf-examples/purging.md), on
every server of the pool, so that a replica or an old copy goes away as well. In a pool with copies
a purge holds without a server that is down, as one by nginx does."""

import re

from tool import Refused, lost
from tool.find import keys_of
from tool.keys import purge_log_key, to_bytes, to_text
from tool.pool import Evaluation, Url, sites_of

SOFT_SECONDS = 600  # mcache_keep_stale where it is not said


def purge_page(fleet, text, soft):
    keys = keys_of(fleet.pool, Url(text))
    if not keys:
        raise Refused(f"{text} has no key: no location of the pool is its own")
    gone, places = False, {}
    for key in keys:
        command = (lambda connection: connection.mark_stale(key.key, SOFT_SECONDS)) if soft else \
            (lambda connection: connection.delete(key.key))
        gone = any([answer for _, answer in fleet.ask_all(command)]) or gone
        places.setdefault(key.prefix, []).extend(
            fleet.copies(key.key) if fleet.pool.keeps_copies else fleet.pool.servers)
    return {"purge": text, "keys": [to_text(key.key) for key in keys],
            **outcome(fleet, places, "purged" if gone else "not found")}


def outcome(fleet, places, text):
    """What came of a purge that was sent. places: {prefix: the servers that it concerns}."""
    missed = {prefix: [server for server in fleet.pool.servers
                       if server in servers and server.name in fleet.down]
              for prefix, servers in places.items()}
    names = {server.name: fleet.down[server.name] for each in missed.values() for server in each}
    if not names:
        return {"result": text}
    if fleet.pool.keeps_copies and all(
            [lost.tell(fleet, prefix, servers) for prefix, servers in missed.items() if servers]):
        return {"result": "purged", "missed": names}
    return {"result": "failed", "failed": names}


def everywhere(fleet, prefixes):
    return dict.fromkeys(prefixes, fleet.pool.servers)


def prefixes(pool, url=None):
    """Those that purges by tag and beginning are for."""
    if any("$" in site.prefix for site in pool.sites) and url is None:
        raise Refused("mcache_key_prefix has variables: say which site, with --prefix")
    sites = sites_of(pool, url) if url else pool.sites
    found = dict.fromkeys(
        Evaluation(pool, site, url).text(site.prefix) if url else site.prefix for site in sites)
    return list(found)


def need_log(pool):
    if pool.checks_log is False:
        raise Refused("no location of this pool looks at the purge log (mcache_purge, mcache_tags, "
                      "mcache_purge_tags or \"mcache_purge_log on\"), so pages cannot be purged by tag "
                      "or by beginning; \"mcache wipe --flush\" empties the servers")


def write_down(fleet, prefix, line):
    """Appends a line to the log on every server; a log that there is not, or that memcached has no
    room for, is deleted, which purges everything of the prefix."""
    key = purge_log_key(prefix)

    def command(connection):
        return connection.append(key, line) or connection.delete(key) or True

    fleet.ask_all(command)


def purge_beginning(fleet, text, soft):
    """URL*: all whose key begins as that of URL."""
    need_log(fleet.pool)
    url = Url(text.removesuffix("*"))
    lines, found = [], []
    for key in keys_of(fleet.pool, url):
        beginning = key.full.removeprefix(key.prefix)
        refuse_control(beginning, text)
        line = f"{'soft-' if soft else ''}under {beginning}"
        write_down(fleet, key.prefix, to_bytes(line + "\n"))
        lines.append(line)
        found.append(key.prefix)
    return {"purge": text, "written": lines, **outcome(fleet, everywhere(fleet, found), "purged")}


def purge_tag(fleet, tag, soft):
    need_log(fleet.pool)
    if not tag or re.search(r"[\s,\x00-\x1f\x7f]", tag):
        raise Refused(f"{tag!r} is no tag: they have neither commas nor white space")
    line = f"{'soft-' if soft else ''}tag {tag}"
    found = prefixes(fleet.pool)
    for prefix in found:
        write_down(fleet, prefix, to_bytes(line + "\n"))
    return {"purge": tag, "written": [line], **outcome(fleet, everywhere(fleet, found), "purged")}


def wipe(fleet, soft):
    """All pages of the prefix, or of the prefixes of all locations of the pool."""
    need_log(fleet.pool)
    found = prefixes(fleet.pool)
    for prefix in found:
        if soft:
            write_down(fleet, prefix, b"soft-under \n")
        else:
            fleet.ask_all(lambda connection: connection.delete(purge_log_key(prefix)))
    return {"purge": "*", "prefixes": found, **outcome(fleet, everywhere(fleet, found), "purged")}


def flush(fleet):
    """What else the servers hold has no log that could say who missed it."""
    fleet.ask_all(lambda connection: connection.flush())
    failed = {"result": "failed", "failed": dict(fleet.down)}
    return {"purge": "flush_all", **(failed if fleet.down else {"result": "purged"})}


def refuse_control(text, what):
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise Refused(f"{what!r} has control characters")
